-- What a buyer was promised against what he gets: a table macro, for the running cost is everyone's own guess.
-- SELECT * FROM payback(running_cost := 0.8)
CREATE OR REPLACE MACRO payback(running_cost := 0.0) AS TABLE
    WITH bought AS (
        SELECT item, arg_max(median, month) AS price, max(month) AS price_month
        FROM purchase_index WHERE kind = 'purchase' AND currency = 'CNY' GROUP BY item
    ),
    rents AS (
        SELECT item, 'claimed' AS basis, median(rent)::DOUBLE AS rent, max(month) AS rent_month, count(*) AS n
        FROM rent_observations WHERE excluded = 'claimed' AND rent IS NOT NULL AND currency = 'CNY' GROUP BY item
        UNION ALL
        -- the best month of the index, or a peak told of a whole year: 2023年最高时
        SELECT item, 'peak', max(rent)::DOUBLE, arg_max(told, rent), arg_max(n, rent)
        FROM (
            SELECT item, median AS rent, month AS told, n FROM rent_index WHERE NOT stale
            UNION ALL
            SELECT item, rent, as_of, 1 FROM rent_observations WHERE excluded = 'no_month' AND qualifier = 'peak'
        )
        GROUP BY item
        UNION ALL
        SELECT item, 'current', arg_max(median, month)::DOUBLE, max(month), arg_max(n, month)
        FROM rent_index WHERE NOT stale GROUP BY item
    )
    SELECT item, basis, b.price AS price_cny_per_gpu, b.price_month, round(r.rent, 4) AS rent_cny_per_gpu_hour,
        r.rent_month, r.n, running_cost AS running_cny_per_gpu_hour,
        CASE WHEN r.rent > running_cost THEN round(b.price / ((r.rent - running_cost) * 730), 1) END AS months,
        r.rent <= running_cost AS never
    FROM bought b JOIN rents r USING (item)
    ORDER BY item, CASE basis WHEN 'claimed' THEN 1 WHEN 'peak' THEN 2 ELSE 3 END;

COMMENT ON MACRO TABLE payback IS 'Months until a bought GPU has paid for itself: price / (730 x (rent - running_cost)), all CNY per GPU and hour, at claimed, peak and current rents; never where the rent does not cover the running cost.';
