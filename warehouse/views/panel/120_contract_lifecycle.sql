-- One row a contract: its whole life.
CREATE OR REPLACE VIEW contract_lifecycle AS
SELECT c.contract_no, c.company, c.company_code, c.party, c.counterparty, c.category, c.contract,
    c.amount, c.amount_max, c.bound, c.currency, c.signed, c.term_months, c.state, c.cancelled, c.reason,
    days_between(c.signed_from, c.signed_to, c.cancelled_from, c.cancelled_to) AS days_alive,
    s.steps, s.amended, s.delayed, s.suspended, s.disputed,
    c.mentions, c.sources, c.independent_sources, c.first_told, c.last_told,
    (SELECT count(*) FROM conflicts k WHERE k.contract_no = c.contract_no) AS conflicts,
    c.signed_from, c.signed_to, c.cancelled_from, c.cancelled_to, c.contract_id
FROM contracts c JOIN contract_steps s USING (contract_no)
ORDER BY coalesce(c.signed_from, c.first_told), c.contract_no;

COMMENT ON VIEW contract_lifecycle IS 'One row a contract, from signing to end.';
COMMENT ON COLUMN contract_lifecycle.days_alive IS 'Days from the first day signed can mean to the first day cancelled can mean. NULL: alive, or one of them is not known to the quarter.';
COMMENT ON COLUMN contract_lifecycle.conflicts IS 'Disagreements between its tellings; rows of conflicts.';
