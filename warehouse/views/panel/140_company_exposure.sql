-- What hangs on a listed company.
CREATE OR REPLACE VIEW company_exposure AS
WITH held AS (
    SELECT coalesce(company_code, company) AS who, arg_max(company, (last_told, company)) AS company, max(company_code) AS company_code,
        count(*) FILTER (EXISTS (FROM contract_events e WHERE e.contract_no = c.contract_no AND e.action = 'signed' AND e.status = 'effective'))::INTEGER AS signed,
        count(*) FILTER (state = 'terminated')::INTEGER AS cancelled,
        count(*) FILTER (state IN ('delayed', 'suspended', 'disputed'))::INTEGER AS troubled,
        count(*) FILTER (state NOT IN ('terminated', 'proposed', 'rumoured', 'denied'))::INTEGER AS alive,
        sum(amount) FILTER (currency = 'CNY' AND state = 'terminated') AS cancelled_cny,
        sum(amount) FILTER (currency = 'CNY' AND state NOT IN ('terminated', 'proposed', 'rumoured', 'denied')) AS at_risk_cny,
        max(last_told) AS last_told
    FROM contracts c
    WHERE company IS NOT NULL
    GROUP BY who
),
built AS (SELECT operator, count(*)::INTEGER AS projects FROM project_entities WHERE operator IS NOT NULL GROUP BY operator)
SELECT h.* EXCLUDE (who), coalesce(b.projects, 0) AS projects
FROM held h LEFT JOIN built b ON b.operator = h.company
ORDER BY coalesce(h.cancelled_cny, 0) + coalesce(h.at_risk_cny, 0) DESC, h.company;

COMMENT ON VIEW company_exposure IS 'A company''s contracts and projects: what was signed, what was cancelled, what is at risk.';
COMMENT ON COLUMN company_exposure.signed IS 'Contracts whose signing is told as a fact.';
COMMENT ON COLUMN company_exposure.cancelled IS 'Contracts cancelled.';
COMMENT ON COLUMN company_exposure.troubled IS 'Contracts last told as delayed, suspended or disputed.';
COMMENT ON COLUMN company_exposure.alive IS 'Contracts not cancelled.';
COMMENT ON COLUMN company_exposure.cancelled_cny IS 'Known value of the cancelled ones, CNY.';
COMMENT ON COLUMN company_exposure.at_risk_cny IS 'Known value of those alive, CNY.';
COMMENT ON COLUMN company_exposure.projects IS 'Projects it builds or owns.';
