-- Rents as observations per GPU and hour, each with the reason it does not count, if any.
CREATE OR REPLACE VIEW rent_observations AS
WITH priced AS (
    SELECT o.*, strftime(as_of_from, '%Y-%m') AS month,
        CASE WHEN period IN ('hour', 'day') THEN 'spot' WHEN period IN ('month', 'year') THEN 'term' END AS tenure,
        -- the middle of a range; an amount alone is its own middle. A month is 730 h, a year 8,760 h.
        CASE WHEN currency = 'CNY' AND gpus > 0 THEN round(
            (amount + coalesce(amount_max, amount)) / 2 / gpus
            / CASE unit WHEN 'card' THEN 1 WHEN 'server' THEN 1 WHEN 'rack' THEN 1 WHEN 'lot' THEN quantity END
            / CASE period WHEN 'hour' THEN 1 WHEN 'day' THEN 24 WHEN 'month' THEN 730 WHEN 'year' THEN 8760 END, 6)
        END AS rent,
        -- as_of_from stands in for what nobody said: the day the file was loaded is no day of a price
        as_of IS NULL AND NOT EXISTS (FROM stage_prices p WHERE p.event_id = o.event_id AND p.published IS NOT NULL) AS undated
    FROM price_observations o
    WHERE kind = 'rent'
)
SELECT * EXCLUDE (undated),
    CASE
        WHEN undated THEN 'no_month'
        WHEN qualifier = 'claimed' THEN 'claimed'
        WHEN item IN ('GPU', 'server', 'compute', 'rack') THEN 'no_model'
        WHEN currency IS DISTINCT FROM 'CNY' THEN 'not_cny'
        WHEN tenure IS NULL THEN 'no_period'
        WHEN rent IS NULL THEN 'not_separable'
        WHEN bound IN ('over', 'under') THEN 'open_bound'
        WHEN as_of_to - as_of_from > 92 THEN 'no_month'
        WHEN rent NOT BETWEEN 0.01 AND 1000 THEN 'implausible'
    END AS excluded
FROM priced;

COMMENT ON VIEW rent_observations IS 'Rents as observed, CNY per GPU and hour, with the reason each one that does not count is left out of rent_index.';
COMMENT ON COLUMN rent_observations.month IS 'Shanghai month the observation counts in, YYYY-MM: the first its as_of can mean.';
COMMENT ON COLUMN rent_observations.tenure IS 'spot (by hour or day) or term (by month or year).';
COMMENT ON COLUMN rent_observations.rent IS 'CNY per GPU and hour; the middle of a range.';
COMMENT ON COLUMN rent_observations.excluded IS 'Why it does not count in rent_index. NULL: it counts.';
