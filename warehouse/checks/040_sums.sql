-- The parts of the months add up to the cancellations, and every contract mention has one contract.
SELECT 'months do not add up' AS what, m.n AS found, c.n AS wanted
FROM (SELECT coalesce(sum(contracts), 0) AS n FROM cancellations_monthly WHERE category IS NULL) m,
    (SELECT count(*) AS n FROM cancellations) c
WHERE m.n <> c.n
UNION ALL
SELECT 'mentions without one contract', count(*), 0
FROM (SELECT event_id FROM stage_contracts LEFT JOIN contract_sources USING (event_id) GROUP BY ALL
    HAVING count(contract_no) <> 1)
HAVING count(*) > 0
UNION ALL
SELECT 'contract listed twice', count(*), 0
FROM (SELECT contract_no FROM contracts GROUP BY ALL HAVING count(*) > 1) HAVING count(*) > 0
