-- One row a cancelled contract.
CREATE OR REPLACE VIEW cancellations AS
WITH ended AS (
    SELECT *, coalesce(company_code, company, party) AS who
    FROM stage_contracts
    WHERE action = 'terminated' AND status = 'effective'
),
other_side AS (
    SELECT who, arg_min(counterparty, tier_rank) AS only_counterparty
    FROM ended WHERE counterparty IS NOT NULL GROUP BY who HAVING count(DISTINCT counterparty) = 1
),
signed AS (
    SELECT coalesce(company_code, company, party) AS who, counterparty,
        arg_min(amount, tier_rank) AS amount, arg_min(signed_date, tier_rank) AS signed_date
    FROM stage_contracts WHERE action = 'signed' AND counterparty IS NOT NULL GROUP BY ALL
),
keyed AS (
    SELECT e.* EXCLUDE (counterparty), coalesce(e.counterparty, o.only_counterparty) AS counterparty
    FROM ended e LEFT JOIN other_side o USING (who)
)
SELECT
    max(k.company) AS company, max(k.company_code) AS company_code, max(k.party) AS party, k.counterparty,
    arg_min(k.category, tier_rank) AS category, arg_min(k.contract, tier_rank) AS contract,
    coalesce(arg_min(k.amount, tier_rank), any_value(s.amount)) AS amount, arg_min(k.amount_max, tier_rank) AS amount_max,
    arg_min(k.bound, tier_rank) AS bound, arg_min(k.currency, tier_rank) AS currency,
    coalesce(arg_min(k.signed_date, tier_rank), any_value(s.signed_date)) AS signed,
    arg_min(k.event_date, tier_rank) AS cancelled,
    arg_min(k.reason, tier_rank) AS reason,
    count(DISTINCT doc_id) AS sources, arg_min(quote, (tier_rank, -confidence)) AS quote,
    min(told) AS first_told, arg_min(event_id, (tier_rank, -confidence)) AS event_id
FROM keyed k LEFT JOIN signed s USING (who, counterparty)
GROUP BY who, k.counterparty
ORDER BY cancelled, company;

CREATE OR REPLACE VIEW cancellations_monthly AS
SELECT substr(cancelled, 1, 7) AS month, count(*) AS contracts, sum(amount) FILTER (currency = 'CNY') AS amount_cny
FROM cancellations GROUP BY ALL ORDER BY month;
