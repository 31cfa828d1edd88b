-- What a GPU hour costs: one row a model, month and tenure; months without a quote are shown as stale.
CREATE OR REPLACE VIEW rent_index AS
WITH counted AS (
    SELECT item, tenure, date_trunc('month', as_of_from)::DATE AS month_from,
        median(rent) AS median, quantile_cont(rent, 0.25) AS lower_quartile, quantile_cont(rent, 0.75) AS upper_quartile,
        count(*) AS n, sum(independent_sources) AS sources
    FROM rent_observations
    WHERE excluded IS NULL
    GROUP BY ALL
),
months AS (
    SELECT item, tenure, unnest(generate_series(min(month_from), max(max(month_from)) OVER (), INTERVAL 1 MONTH))::DATE AS month_from
    FROM counted GROUP BY item, tenure
),
filled AS (
    SELECT m.item, m.tenure, m.month_from, c.n, c.sources,
        last_value(c.month_from IGNORE NULLS) OVER sofar AS quoted,
        last_value(c.median IGNORE NULLS) OVER sofar AS median,
        last_value(c.lower_quartile IGNORE NULLS) OVER sofar AS lower_quartile,
        last_value(c.upper_quartile IGNORE NULLS) OVER sofar AS upper_quartile
    FROM months m LEFT JOIN counted c USING (item, tenure, month_from)
    WINDOW sofar AS (PARTITION BY m.item, m.tenure ORDER BY m.month_from)
)
SELECT item, strftime(month_from, '%Y-%m') AS month, tenure,
    round(median, 4) AS median, round(lower_quartile, 4) AS lower_quartile, round(upper_quartile, 4) AS upper_quartile,
    coalesce(n, 0)::INTEGER AS n, coalesce(sources, 0)::INTEGER AS sources,
    n IS NULL AS stale, datediff('month', quoted, month_from)::INTEGER AS months_stale,
    '1' AS method
FROM filled
ORDER BY item, tenure, month_from;

COMMENT ON VIEW rent_index IS 'Rent of one GPU for one hour in CNY, by model, month and tenure. Method 1: medians over price_observations, equal quotes of one month counted once, what price_exclusions lists left out; nothing is interpolated, a stale month repeats the last quoted one and says so.';
COMMENT ON COLUMN rent_index.item IS 'Canonical model.';
COMMENT ON COLUMN rent_index.month IS 'Shanghai month, YYYY-MM.';
COMMENT ON COLUMN rent_index.tenure IS 'spot (by hour or day) or term (by month or year).';
COMMENT ON COLUMN rent_index.median IS 'CNY per GPU and hour.';
COMMENT ON COLUMN rent_index.lower_quartile IS 'CNY per GPU and hour.';
COMMENT ON COLUMN rent_index.upper_quartile IS 'CNY per GPU and hour.';
COMMENT ON COLUMN rent_index.n IS 'Observations of the month; 0 where it is stale.';
COMMENT ON COLUMN rent_index.sources IS 'Independent documents that quote them.';
COMMENT ON COLUMN rent_index.stale IS 'Whether nobody quoted a price in the month: the values are the last quoted ones.';
COMMENT ON COLUMN rent_index.months_stale IS 'Months since they were quoted.';
COMMENT ON COLUMN rent_index.method IS 'Version of the method.';
