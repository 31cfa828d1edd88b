-- One row a contract that was cancelled, whoever told it how often.
CREATE OR REPLACE VIEW cancellations AS
SELECT
    c.company,
    c.company_code,
    c.party,
    c.counterparty,
    c.category,
    c.contract,
    c.amount,
    c.amount_max,
    c.bound,
    c.currency,
    c.signed,
    c.cancelled,
    days_between(c.signed_from, c.signed_to, c.cancelled_from, c.cancelled_to) AS days_alive,
    c.term_months,
    CASE WHEN c.term_months > 0 AND days_alive IS NOT NULL
        THEN round(least(days_alive / (c.term_months::DOUBLE * 30.4375), 1), 4)
    END AS term_served,
    c.reason,
    e.sources,
    e.independent_sources,
    m.quote,
    e.first_told,
    d.source,
    d.url,
    m.doc_id,
    c.contract_no,
    c.signed_from,
    c.signed_to,
    c.cancelled_from,
    c.cancelled_to,
    e.event_id
FROM contracts c
JOIN contract_events e ON c.contract_no = e.contract_no AND e.action = 'terminated' AND e.status = 'effective'
JOIN contract_mentions m ON m.event_id = e.event_id
LEFT JOIN stage_documents d ON d.doc_id = m.doc_id
ORDER BY coalesce(c.cancelled_from, e.first_told), c.company, c.contract_no;

COMMENT ON VIEW cancellations IS 'One row a cancelled contract, however many papers told it.';
COMMENT ON COLUMN cancellations.company IS 'Listed company, short name, simplified.';
COMMENT ON COLUMN cancellations.company_code IS 'Its six digits.';
COMMENT ON COLUMN cancellations.party IS 'Subsidiary that signed. NULL: the company, or not said.';
COMMENT ON COLUMN cancellations.counterparty IS 'The other side, from the best source that names it.';
COMMENT ON COLUMN cancellations.category IS 'compute_rental, equipment, construction, cooperation or other.';
COMMENT ON COLUMN cancellations.contract IS 'Name of the contract.';
COMMENT ON COLUMN cancellations.amount IS 'Contract value in units of currency; the lower end of a range.';
COMMENT ON COLUMN cancellations.amount_max IS 'Upper end of a range, same unit.';
COMMENT ON COLUMN cancellations.bound IS 'exact, about, over, under or range.';
COMMENT ON COLUMN cancellations.currency IS 'ISO 4217.';
COMMENT ON COLUMN cancellations.signed IS 'When it was signed: Shanghai date, ISO 8601, reduced precision.';
COMMENT ON COLUMN cancellations.cancelled IS 'When it was terminated: Shanghai date, ISO 8601, reduced precision.';
COMMENT ON COLUMN cancellations.days_alive IS 'Days from the first day signed can mean to the first day cancelled can mean. NULL: one of them is not known to the quarter.';
COMMENT ON COLUMN cancellations.term_months IS 'Term in months.';
COMMENT ON COLUMN cancellations.term_served IS 'Share of the term that had passed, 0 to 1; counted from signing.';
COMMENT ON COLUMN cancellations.reason IS 'supply, demand, funding, counterparty, policy, mutual, other. NULL: not said.';
COMMENT ON COLUMN cancellations.sources IS 'Documents that tell the cancellation.';
COMMENT ON COLUMN cancellations.independent_sources IS 'Those that are no copies of another.';
COMMENT ON COLUMN cancellations.quote IS 'Best evidence, as published.';
COMMENT ON COLUMN cancellations.first_told IS 'Shanghai day of the first document that tells it.';
COMMENT ON COLUMN cancellations.source IS 'Source of the best evidence.';
COMMENT ON COLUMN cancellations.url IS 'Where that was published.';
COMMENT ON COLUMN cancellations.doc_id IS 'Document of the best evidence.';
COMMENT ON COLUMN cancellations.contract_no IS 'contracts.contract_no; `paomo explain contract N`.';
COMMENT ON COLUMN cancellations.signed_from IS 'First day signed can mean.';
COMMENT ON COLUMN cancellations.signed_to IS 'Last day signed can mean.';
COMMENT ON COLUMN cancellations.cancelled_from IS 'First day cancelled can mean.';
COMMENT ON COLUMN cancellations.cancelled_to IS 'Last day cancelled can mean.';
COMMENT ON COLUMN cancellations.event_id IS 'Mention of the best evidence; `paomo explain` takes it.';
