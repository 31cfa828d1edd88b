-- Every rate of use, as told.
CREATE OR REPLACE VIEW utilisation_rates AS
SELECT
    metric, scope, rate, rate_max, bound, as_of, status, quote,
    published, source, url, doc_id, event_id, confidence, as_of_from, as_of_to
FROM stage_utilisation
ORDER BY metric, coalesce(as_of_from, told), event_id;
COMMENT ON VIEW utilisation_rates IS 'Every rate of use, as told, one row a mention.';
