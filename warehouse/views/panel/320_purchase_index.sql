-- What GPUs cost to buy, new and used apart.
CREATE OR REPLACE VIEW purchase_index AS
WITH priced AS (
    SELECT *, date_trunc('month', as_of_from)::DATE AS month_from,
        (amount + coalesce(amount_max, amount)) / 2 / CASE unit WHEN 'lot' THEN quantity * gpus ELSE gpus END AS per_gpu
    FROM price_observations o
    WHERE kind IN ('purchase', 'resale') AND item NOT IN ('GPU', 'server', 'compute', 'rack')
        AND gpus > 0 AND qualifier IS DISTINCT FROM 'claimed' AND bound IN ('exact', 'about', 'range')
        AND (as_of IS NOT NULL OR EXISTS (FROM stage_prices p WHERE p.event_id = o.event_id AND p.published IS NOT NULL))
)
SELECT kind, item, currency, strftime(month_from, '%Y-%m') AS month,
    round(median(per_gpu), 2) AS median, round(quantile_cont(per_gpu, 0.25), 2) AS lower_quartile,
    round(quantile_cont(per_gpu, 0.75), 2) AS upper_quartile,
    count(*)::INTEGER AS n, sum(independent_sources)::INTEGER AS sources, bool_or(qualifier = 'black_market') AS black_market
FROM priced
WHERE per_gpu IS NOT NULL
GROUP BY kind, item, currency, month_from
ORDER BY kind, item, currency, month_from;

COMMENT ON VIEW purchase_index IS 'Price of one GPU, bought new (purchase) or used (resale), by model, currency and month; claims, open bounds and what nobody dated left out.';
COMMENT ON COLUMN purchase_index.month IS 'Shanghai month, YYYY-MM.';
COMMENT ON COLUMN purchase_index.median IS 'Price of one GPU in units of currency.';
COMMENT ON COLUMN purchase_index.lower_quartile IS 'Likewise.';
COMMENT ON COLUMN purchase_index.upper_quartile IS 'Likewise.';
COMMENT ON COLUMN purchase_index.n IS 'Observations.';
COMMENT ON COLUMN purchase_index.sources IS 'Independent documents that quote them.';
COMMENT ON COLUMN purchase_index.black_market IS 'Whether one of them is a black-market price.';
