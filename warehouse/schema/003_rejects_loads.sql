-- What could not be read, and what was loaded when.

CREATE TABLE rejects (
    reject_id  VARCHAR NOT NULL,
    location   VARCHAR NOT NULL,
    stage      VARCHAR NOT NULL,
    reason     VARCHAR NOT NULL,
    message    VARCHAR NOT NULL,
    first_seen TIMESTAMP NOT NULL
);
COMMENT ON TABLE rejects IS 'What could not be read or extracted, and why; nothing is dropped without a row here.';
COMMENT ON COLUMN rejects.reject_id IS 'Digest of location, reason and message.';
COMMENT ON COLUMN rejects.location IS 'File, file:line, file#record or URL, as it was given.';
COMMENT ON COLUMN rejects.stage IS 'read, or extract.';
COMMENT ON COLUMN rejects.reason IS 'Reason code: empty, binary, encoding, truncated, encrypted, broken, scanned, too-large, too-slow, extractor-died, blocked, no-text, no-documents, bad-line, unreadable, unsupported; of extraction: extractor-failed, bad-event.';
COMMENT ON COLUMN rejects.message IS 'One line: what is wrong and what to do.';
COMMENT ON COLUMN rejects.first_seen IS 'UTC moment it was first met.';

CREATE TABLE loads (
    load_id           INTEGER NOT NULL,
    started           TIMESTAMP NOT NULL,
    finished          TIMESTAMP,
    input             VARCHAR NOT NULL,
    documents         INTEGER NOT NULL,
    mentions          INTEGER NOT NULL,
    rejects           INTEGER NOT NULL,
    extractor_version VARCHAR NOT NULL,
    paomo_version     VARCHAR NOT NULL
);
COMMENT ON TABLE loads IS 'Every load that changed something.';
COMMENT ON COLUMN loads.load_id IS 'Number of the load, from 1. A load that changed nothing leaves no row.';
COMMENT ON COLUMN loads.started IS 'UTC.';
COMMENT ON COLUMN loads.finished IS 'UTC moment of its last batch.';
COMMENT ON COLUMN loads.input IS 'What was asked for: archive, or the paths as given.';
COMMENT ON COLUMN loads.documents IS 'Document versions new or read again.';
COMMENT ON COLUMN loads.mentions IS 'Mentions stored.';
COMMENT ON COLUMN loads.rejects IS 'Rejects that were new.';
COMMENT ON COLUMN loads.extractor_version IS 'nlp.extract.VERSION in use.';
COMMENT ON COLUMN loads.paomo_version IS 'Version of this program.';

CREATE TABLE state (
    name  VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);
COMMENT ON TABLE state IS 'What the program must remember between runs.';
COMMENT ON COLUMN state.name IS 'resolved: whether the derived tables fit the mentions; archive: how far, and by which versions, the archive was read.';
COMMENT ON COLUMN state.value IS 'Its value.';
