-- What tells copies from originals.

CREATE TABLE document_marks (
    doc_id  VARCHAR NOT NULL,
    sha256  VARCHAR NOT NULL,
    minhash UINTEGER[] NOT NULL,
    tokens  UBIGINT[] NOT NULL,
    folded  VARCHAR NOT NULL
);
COMMENT ON TABLE document_marks IS 'Fingerprints of every document version, by which copies are found: warehouse/copies.py.';
COMMENT ON COLUMN document_marks.doc_id IS 'documents.doc_id.';
COMMENT ON COLUMN document_marks.sha256 IS 'documents.sha256.';
COMMENT ON COLUMN document_marks.minhash IS 'MinHash of the simplified text, 64 permutations of three-character shingles.';
COMMENT ON COLUMN document_marks.tokens IS 'Sorted digests of its distinct numbers, tickers and Latin words: what rewording leaves alone.';
COMMENT ON COLUMN document_marks.folded IS 'The text in simplified characters and lower case, code point for code point: what `paomo search` looks in.';
