-- Rents that rent_index leaves out, and why.
CREATE OR REPLACE VIEW price_exclusions AS
SELECT o.observation_no, o.excluded AS reason,
    CASE o.excluded
        WHEN 'claimed' THEN 'what a seller or promoter says'
        WHEN 'no_model' THEN 'no GPU model is named'
        WHEN 'not_cny' THEN 'priced in another currency; no rate is assumed'
        WHEN 'no_period' THEN 'no rental period is said'
        WHEN 'not_separable' THEN 'how many GPUs one price buys is not said'
        WHEN 'open_bound' THEN 'only a bound is said: over or under'
        WHEN 'no_month' THEN 'when the price held is not said to the quarter, nor when it was told'
        WHEN 'implausible' THEN 'below 0.01 or above 1000 CNY per GPU and hour'
    END AS meaning,
    o.item, o.unit, o.gpus, o.amount, o.amount_max, o.bound, o.currency, o.period, o.qualifier, o.as_of, o.rent,
    m.quote, m.doc_id, o.event_id
FROM rent_observations o JOIN price_mentions m USING (event_id)
WHERE o.excluded IS NOT NULL
ORDER BY o.observation_no;

COMMENT ON VIEW price_exclusions IS 'Rents left out of rent_index, each with the reason.';
COMMENT ON COLUMN price_exclusions.reason IS 'claimed, no_model, not_cny, no_period, not_separable, open_bound, no_month or implausible.';
COMMENT ON COLUMN price_exclusions.meaning IS 'The reason in words.';
COMMENT ON COLUMN price_exclusions.rent IS 'CNY per GPU and hour, where it can be told.';
