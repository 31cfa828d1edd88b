-- What people corrected: kept as data, applied at every resolve.

CREATE TABLE reviews (
    review_no      INTEGER NOT NULL,
    verb           VARCHAR NOT NULL,
    kind           VARCHAR NOT NULL,
    event_id       VARCHAR NOT NULL,
    doc_id         VARCHAR NOT NULL,
    start          INTEGER NOT NULL,
    "end"          INTEGER NOT NULL,
    quote          VARCHAR NOT NULL,
    mark           VARCHAR NOT NULL,
    field          VARCHAR,
    value          VARCHAR,
    other_event_id VARCHAR,
    other_doc_id   VARCHAR,
    other_start    INTEGER,
    other_end      INTEGER,
    other_mark     VARCHAR,
    reviewer       VARCHAR,
    note           VARCHAR,
    made_at        TIMESTAMP NOT NULL
);
COMMENT ON TABLE reviews IS 'Corrections by people; they survive re-extraction and rebuild.';
COMMENT ON COLUMN reviews.review_no IS 'Order in which reviews were made; later ones win.';
COMMENT ON COLUMN reviews.verb IS 'accept, reject, edit, merge or split.';
COMMENT ON COLUMN reviews.kind IS 'contract, price, project or utilisation.';
COMMENT ON COLUMN reviews.event_id IS 'Mention it was made for.';
COMMENT ON COLUMN reviews.doc_id IS 'Its document: finds the mention again when a newer extractor gave it another id.';
COMMENT ON COLUMN reviews.start IS 'Its evidence, first code point.';
COMMENT ON COLUMN reviews."end" IS 'Code point after it.';
COMMENT ON COLUMN reviews.quote IS 'Its evidence as published.';
COMMENT ON COLUMN reviews.mark IS 'What tells mentions of one place apart: the action, item, measure or metric.';
COMMENT ON COLUMN reviews.field IS 'Column corrected (edit).';
COMMENT ON COLUMN reviews.value IS 'Its right value, as text; empty for NULL (edit).';
COMMENT ON COLUMN reviews.other_event_id IS 'Mention it is joined with or parted from (merge, split).';
COMMENT ON COLUMN reviews.other_doc_id IS 'Document of that mention.';
COMMENT ON COLUMN reviews.other_start IS 'Evidence of that mention, first code point.';
COMMENT ON COLUMN reviews.other_end IS 'Code point after it.';
COMMENT ON COLUMN reviews.other_mark IS 'What tells that mention apart.';
COMMENT ON COLUMN reviews.reviewer IS 'Who.';
COMMENT ON COLUMN reviews.note IS 'Why.';
COMMENT ON COLUMN reviews.made_at IS 'UTC moment.';

-- What the reviews come to; built anew at every resolve. The tables have the columns of those they are named for.
CREATE SCHEMA reviewed;
CREATE TABLE reviewed.standing (event_id VARCHAR NOT NULL, standing VARCHAR NOT NULL);
COMMENT ON TABLE reviewed.standing IS 'Mentions a review speaks of: rejected, edited or accepted.';
CREATE TABLE reviewed.contract_mentions AS FROM contract_mentions LIMIT 0;
CREATE TABLE reviewed.price_mentions AS FROM price_mentions LIMIT 0;
CREATE TABLE reviewed.project_mentions AS FROM project_mentions LIMIT 0;
CREATE TABLE reviewed.utilisation_mentions AS FROM utilisation_mentions LIMIT 0;
