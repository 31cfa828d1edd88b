-- Documents: one row a version of the text of record.

CREATE TABLE documents (
    doc_id            VARCHAR NOT NULL,
    sha256            VARCHAR NOT NULL,
    text              VARCHAR NOT NULL,
    characters        INTEGER NOT NULL,
    url               VARCHAR,
    title             VARCHAR,
    published         DATE,
    published_text    VARCHAR,
    source            VARCHAR,
    kind              VARCHAR,
    tier              VARCHAR,
    author            VARCHAR,
    media_type        VARCHAR,
    reader            VARCHAR NOT NULL,
    pages             INTEGER[] NOT NULL,
    fetched_at        TIMESTAMP,
    first_seen        TIMESTAMP NOT NULL,
    last_seen         TIMESTAMP NOT NULL,
    is_current        BOOLEAN NOT NULL,
    copies_of           VARCHAR,
    fingerprint       VARCHAR NOT NULL,
    extractor_version VARCHAR NOT NULL
);
COMMENT ON TABLE documents IS 'Every version of every document read, one row a text of record.';
COMMENT ON COLUMN documents.doc_id IS 'Stable name: id of a JSON Lines document, else URL, else path as given.';
COMMENT ON COLUMN documents.sha256 IS 'SHA-256 of text, UTF-8, hex: the version of the document.';
COMMENT ON COLUMN documents.text IS 'Text of record as published, never normalised; all offsets are code points of it.';
COMMENT ON COLUMN documents.characters IS 'Length of text in code points.';
COMMENT ON COLUMN documents.url IS 'Where it was published. NULL: a file of the user''s.';
COMMENT ON COLUMN documents.title IS 'Headline as published; evidence never lies in it.';
COMMENT ON COLUMN documents.published IS 'Day of publication in Shanghai. NULL: the source does not say.';
COMMENT ON COLUMN documents.published_text IS 'That date as it was printed.';
COMMENT ON COLUMN documents.source IS 'Name of the source: the stem of its .yml, or what the JSON Lines document says.';
COMMENT ON COLUMN documents.kind IS 'filing or news.';
COMMENT ON COLUMN documents.tier IS 'How far the source is trusted, best first: official, regulated, media, aggregator.';
COMMENT ON COLUMN documents.author IS 'As printed.';
COMMENT ON COLUMN documents.media_type IS 'Of the captured bytes.';
COMMENT ON COLUMN documents.reader IS 'Name and version of the reader that made text from the bytes.';
COMMENT ON COLUMN documents.pages IS 'Offset in text at which each page begins; empty: no pages.';
COMMENT ON COLUMN documents.fetched_at IS 'UTC moment of the latest capture with this text. NULL: a file of the user''s.';
COMMENT ON COLUMN documents.first_seen IS 'UTC moment of the first capture with this text; for a file, of its first load.';
COMMENT ON COLUMN documents.last_seen IS 'UTC moment of the latest capture with this text; for a file, of its first load.';
COMMENT ON COLUMN documents.is_current IS 'Whether this is the version that counts: the one captured, or loaded, last.';
COMMENT ON COLUMN documents.copies_of IS 'doc_id of the earlier document this one repeats, reworded or not. NULL: an original.';
COMMENT ON COLUMN documents.fingerprint IS 'Digest of everything but the text that extraction can depend on.';
COMMENT ON COLUMN documents.extractor_version IS 'nlp.extract.VERSION its mentions were read with.';
