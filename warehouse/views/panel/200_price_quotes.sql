-- Every price quoted, as told.
CREATE OR REPLACE VIEW price_quotes AS
SELECT
    kind, item, unit, gpus, quantity, amount, amount_max, bound, currency, period, as_of, qualifier,
    cny_per_gpu_hour, quote, published, source, url, doc_id, event_id, confidence, as_of_from, as_of_to
FROM stage_prices
ORDER BY kind, item, coalesce(as_of_from, told), event_id;
COMMENT ON VIEW price_quotes IS 'Every price quoted, as told, one row a mention.';
