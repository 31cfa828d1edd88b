-- Of the contracts disclosed in a quarter, the share cancelled within 6, 12 and 24 months.
CREATE OR REPLACE VIEW cancellation_rate AS
WITH horizon AS (SELECT max(told) AS until FROM stage_documents),
disclosed AS (
    SELECT c.contract_no, c.category, c.first_told,
        CASE WHEN c.state = 'terminated' THEN coalesce(c.cancelled_from, e.first_told) END AS ended
    FROM contracts c
    LEFT JOIN contract_events e ON e.contract_no = c.contract_no AND e.action = 'terminated' AND e.status = 'effective'
    WHERE EXISTS (FROM contract_events s WHERE s.contract_no = c.contract_no AND s.status = 'effective')
),
-- a contract first told of by its cancellation was never at risk of being seen alive
seen_alive AS (SELECT * FROM disclosed WHERE ended IS NULL OR ended > first_told),
counted AS (
    SELECT date_trunc('quarter', first_told)::DATE AS quarter, d.category,
        count(*) AS contracts,
        count(*) FILTER (first_told + INTERVAL 6 MONTH <= until) AS followed_6,
        count(*) FILTER (first_told + INTERVAL 6 MONTH <= until AND ended <= first_told + INTERVAL 6 MONTH) AS cancelled_6,
        count(*) FILTER (first_told + INTERVAL 12 MONTH <= until) AS followed_12,
        count(*) FILTER (first_told + INTERVAL 12 MONTH <= until AND ended <= first_told + INTERVAL 12 MONTH) AS cancelled_12,
        count(*) FILTER (first_told + INTERVAL 24 MONTH <= until) AS followed_24,
        count(*) FILTER (first_told + INTERVAL 24 MONTH <= until AND ended <= first_told + INTERVAL 24 MONTH) AS cancelled_24
    FROM seen_alive d, horizon
    GROUP BY GROUPING SETS ((quarter), (quarter, d.category))
    HAVING grouping(d.category) = 1 OR d.category IS NOT NULL
)
SELECT year(quarter) || '-Q' || quarter(quarter) AS cohort, category, contracts,
    followed_6, cancelled_6, round(cancelled_6 / nullif(followed_6, 0), 4) AS rate_6,
    followed_12, cancelled_12, round(cancelled_12 / nullif(followed_12, 0), 4) AS rate_12,
    followed_24, cancelled_24, round(cancelled_24 / nullif(followed_24, 0), 4) AS rate_24
FROM counted
ORDER BY quarter, category NULLS FIRST;

COMMENT ON VIEW cancellation_rate IS 'Of the contracts first disclosed in a quarter, while alive, the share cancelled within 6, 12 and 24 months of that. Only contracts followed that long count; the last document bounds how long.';
COMMENT ON COLUMN cancellation_rate.cohort IS 'Shanghai quarter of first disclosure, YYYY-Qn.';
COMMENT ON COLUMN cancellation_rate.category IS 'NULL: all categories.';
COMMENT ON COLUMN cancellation_rate.contracts IS 'Contracts first disclosed in the quarter, while alive.';
COMMENT ON COLUMN cancellation_rate.followed_6 IS 'Those disclosed at least 6 months before the last document.';
COMMENT ON COLUMN cancellation_rate.followed_12 IS 'Those disclosed at least 12 months before the last document.';
COMMENT ON COLUMN cancellation_rate.followed_24 IS 'Those disclosed at least 24 months before the last document.';
COMMENT ON COLUMN cancellation_rate.cancelled_6 IS 'Those of followed_6 cancelled within 6 months.';
COMMENT ON COLUMN cancellation_rate.cancelled_12 IS 'Those of followed_12 cancelled within 12 months.';
COMMENT ON COLUMN cancellation_rate.cancelled_24 IS 'Those of followed_24 cancelled within 24 months.';
COMMENT ON COLUMN cancellation_rate.rate_6 IS 'cancelled_6 / followed_6. NULL: none followed that long.';
COMMENT ON COLUMN cancellation_rate.rate_12 IS 'cancelled_12 / followed_12. NULL: none followed that long.';
COMMENT ON COLUMN cancellation_rate.rate_24 IS 'cancelled_24 / followed_24. NULL: none followed that long.';
