-- How full they are, over time.
CREATE OR REPLACE VIEW utilisation_history AS
SELECT coalesce(scope, 'not said') AS scope, metric, status, strftime(coalesce(as_of_from, told), '%Y-%m') AS month,
    median(rate)::DOUBLE AS rate, min(rate)::DOUBLE AS lowest, max(coalesce(rate_max, rate))::DOUBLE AS highest,
    median(CASE WHEN metric = 'vacancy' THEN 100 - rate ELSE rate END)::DOUBLE AS used,
    count(*)::INTEGER AS n, count(DISTINCT original)::INTEGER AS sources
FROM stage_utilisation
WHERE event_id NOT IN (SELECT other_event FROM conflicts WHERE kind = 'utilisation' AND why = 'a broken number')
GROUP BY ALL
ORDER BY scope, metric, month;

COMMENT ON VIEW utilisation_history IS 'Rates of use by scope, metric and month.';
COMMENT ON COLUMN utilisation_history.scope IS 'Who or where.';
COMMENT ON COLUMN utilisation_history.month IS 'Shanghai month, YYYY-MM: of as_of, else of publication.';
COMMENT ON COLUMN utilisation_history.rate IS 'Median, per cent.';
COMMENT ON COLUMN utilisation_history.lowest IS 'Per cent.';
COMMENT ON COLUMN utilisation_history.highest IS 'Per cent.';
COMMENT ON COLUMN utilisation_history.used IS 'The median as a share in use: 100 less a vacancy, per cent.';
COMMENT ON COLUMN utilisation_history.n IS 'Mentions.';
COMMENT ON COLUMN utilisation_history.sources IS 'Independent documents.';
