-- Amounts are plausible: above nothing, below a thousand billion, a range from low to high.
SELECT event_id, amount FROM contract_mentions
WHERE amount < 1 OR amount > 1e12 OR amount_max < amount
UNION ALL
SELECT event_id, amount FROM price_mentions WHERE amount < 0 OR amount > 1e12 OR amount_max < amount
UNION ALL
SELECT event_id, amount FROM project_mentions WHERE amount < 0 OR amount > 1e14 OR amount_max < amount
UNION ALL
SELECT event_id, rate FROM utilisation_mentions WHERE rate < 0 OR rate > 100 OR rate_max < rate
LIMIT 20
