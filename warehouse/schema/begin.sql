-- What migration itself needs to remember.
CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL, applied TIMESTAMP NOT NULL);
COMMENT ON TABLE schema_version IS 'Schema files applied to this database.';
COMMENT ON COLUMN schema_version.version IS 'Number of the file in warehouse/schema.';
COMMENT ON COLUMN schema_version.applied IS 'UTC moment.';

CREATE TABLE IF NOT EXISTS view_version (digest VARCHAR NOT NULL);
COMMENT ON TABLE view_version IS 'Which views are built in this database.';
COMMENT ON COLUMN view_version.digest IS 'SHA-256 of all files in warehouse/views, hex.';
