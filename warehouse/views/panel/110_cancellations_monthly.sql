-- Cancellations counted by month, category and reason; the months without any are rows too.
CREATE OR REPLACE VIEW cancellations_monthly AS
WITH dated AS (
    -- "in 2024", told in February 2025, counts in December 2024: the day nearest to its first telling that it can mean
    SELECT date_trunc('month', coalesce(least(greatest(first_told, cancelled_from), cancelled_to), first_told))::DATE AS month_from,
        coalesce(date_trunc('month', cancelled_from) <> date_trunc('month', cancelled_to), true) AS undated,
        coalesce(category, 'unknown') AS category, coalesce(reason, 'unknown') AS reason,
        CASE WHEN currency = 'CNY' THEN amount END AS amount_cny
    FROM cancellations
),
kinds AS (SELECT DISTINCT category, reason FROM dated),
months AS (
    SELECT unnest(generate_series(min(month_from), max(month_from), INTERVAL 1 MONTH))::DATE AS month_from FROM dated
),
counted AS (
    SELECT m.month_from, k.category, k.reason,
        count(d.month_from) AS contracts, count(d.amount_cny) AS contracts_with_amount, sum(d.amount_cny) AS amount_cny,
        count(*) FILTER (d.undated) AS contracts_undated
    FROM months m
    CROSS JOIN kinds k
    LEFT JOIN dated d ON d.month_from = m.month_from AND d.category = k.category AND d.reason = k.reason
    GROUP BY ALL
),
final AS (
    SELECT month_from, NULL AS category, NULL AS reason,
        sum(contracts) AS contracts, sum(contracts_with_amount) AS contracts_with_amount,
        sum(amount_cny) AS amount_cny, sum(contracts_undated) AS contracts_undated
    FROM counted GROUP BY month_from
    UNION ALL BY NAME
    SELECT * FROM counted WHERE contracts > 0
)
SELECT
    strftime(month_from, '%Y-%m') AS month, category, reason,
    contracts::INTEGER AS contracts, contracts_with_amount::INTEGER AS contracts_with_amount,
    coalesce(amount_cny, 0)::DECIMAL(28, 6) AS amount_cny,
    sum(contracts) OVER sofar::INTEGER AS contracts_so_far,
    sum(coalesce(amount_cny, 0)) OVER sofar::DECIMAL(28, 6) AS amount_cny_so_far,
    contracts_undated::INTEGER AS contracts_undated
FROM final
WINDOW sofar AS (PARTITION BY category, reason ORDER BY month_from)
ORDER BY month_from, category NULLS FIRST, reason NULLS FIRST;

COMMENT ON VIEW cancellations_monthly IS 'Contracts cancelled by month: rows without category and reason are the whole month (months without any included), the others its parts.';
COMMENT ON COLUMN cancellations_monthly.month IS 'Shanghai month, YYYY-MM: of the cancellation, or, where that is not known to the month, the one it can mean that is nearest to its first telling.';
COMMENT ON COLUMN cancellations_monthly.contracts_undated IS 'Those of contracts whose month nobody says.';
COMMENT ON COLUMN cancellations_monthly.category IS 'NULL: all categories.';
COMMENT ON COLUMN cancellations_monthly.reason IS 'NULL: all reasons.';
COMMENT ON COLUMN cancellations_monthly.contracts IS 'Contracts cancelled.';
COMMENT ON COLUMN cancellations_monthly.contracts_with_amount IS 'Those whose value in CNY is known.';
COMMENT ON COLUMN cancellations_monthly.amount_cny IS 'Sum of the known values, CNY.';
COMMENT ON COLUMN cancellations_monthly.contracts_so_far IS 'contracts added up from the first month on, in this category and reason.';
COMMENT ON COLUMN cancellations_monthly.amount_cny_so_far IS 'amount_cny added up likewise.';
