-- What was read, by source and month; the months without a document are rows too.
CREATE OR REPLACE VIEW coverage AS
WITH counted AS (
    SELECT coalesce(source, 'files') AS source, date_trunc('month', told)::DATE AS month_from,
        count(*) AS documents, count(*) FILTER (kind = 'filing') AS filings, count(*) FILTER (original <> doc_id) AS copies
    FROM stage_documents GROUP BY ALL
),
months AS (
    SELECT source, unnest(generate_series(min(month_from), max(month_from), INTERVAL 1 MONTH))::DATE AS month_from
    FROM counted GROUP BY source
),
rejected AS (SELECT date_trunc('month', first_seen)::DATE AS month_from, count(*) AS rejects FROM rejects GROUP BY ALL)
SELECT m.source, strftime(m.month_from, '%Y-%m') AS month, coalesce(c.documents, 0)::INTEGER AS documents,
    coalesce(c.filings, 0)::INTEGER AS filings, coalesce(c.copies, 0)::INTEGER AS copies, c.documents IS NULL AS gap,
    NULL::INTEGER AS rejects
FROM months m LEFT JOIN counted c USING (source, month_from)
UNION ALL
SELECT '(rejected)', strftime(month_from, '%Y-%m'), 0, 0, 0, false, rejects::INTEGER FROM rejected
ORDER BY ALL;

COMMENT ON VIEW coverage IS 'Documents by source and month of publication, with gaps; rejects by the month they were met, under the source (rejected).';
COMMENT ON COLUMN coverage.source IS 'Name of the source; files: documents of no named source; (rejected): what could not be read.';
COMMENT ON COLUMN coverage.month IS 'Shanghai month of publication, YYYY-MM; UTC month of the rejects.';
COMMENT ON COLUMN coverage.documents IS 'Current documents.';
COMMENT ON COLUMN coverage.filings IS 'Those that are filings.';
COMMENT ON COLUMN coverage.copies IS 'Those that copy another.';
COMMENT ON COLUMN coverage.gap IS 'Whether the source has earlier and later documents, but none of this month.';
COMMENT ON COLUMN coverage.rejects IS 'Rejects first met in the month.';
