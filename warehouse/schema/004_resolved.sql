-- What the mentions add up to. Built anew from them by warehouse/resolve.py; nothing here is entered by hand.

CREATE TABLE contracts (
    contract_no         INTEGER NOT NULL,
    contract_id         VARCHAR NOT NULL,
    company             VARCHAR,
    company_code        VARCHAR,
    party               VARCHAR,
    counterparty        VARCHAR,
    category            VARCHAR,
    contract            VARCHAR,
    amount              DECIMAL(28,6),
    amount_max          DECIMAL(28,6),
    bound               VARCHAR,
    currency            VARCHAR,
    signed              VARCHAR,
    signed_from         DATE,
    signed_to           DATE,
    term_months         DECIMAL(12,4),
    state               VARCHAR NOT NULL,
    cancelled           VARCHAR,
    cancelled_from      DATE,
    cancelled_to        DATE,
    reason              VARCHAR,
    mentions            INTEGER NOT NULL,
    sources             INTEGER NOT NULL,
    independent_sources INTEGER NOT NULL,
    first_told          DATE NOT NULL,
    last_told           DATE NOT NULL
);
COMMENT ON TABLE contracts IS 'One row a contract, however often it was told.';
COMMENT ON COLUMN contracts.contract_no IS 'Number, in the order contracts were first told; what `paomo explain contract N` takes.';
COMMENT ON COLUMN contracts.contract_id IS 'Id of its first mention: stays when contracts told earlier are found.';
COMMENT ON COLUMN contracts.company IS 'Listed company, short name, simplified.';
COMMENT ON COLUMN contracts.company_code IS 'Its six digits.';
COMMENT ON COLUMN contracts.party IS 'Subsidiary that signed. NULL: the company, or not said.';
COMMENT ON COLUMN contracts.counterparty IS 'The other side, from the best source that names it.';
COMMENT ON COLUMN contracts.category IS 'compute_rental, equipment, construction, cooperation or other.';
COMMENT ON COLUMN contracts.contract IS 'Name of the contract.';
COMMENT ON COLUMN contracts.amount IS 'Contract value in units of currency; the lower end of a range. From the best source.';
COMMENT ON COLUMN contracts.amount_max IS 'Upper end of a range, same unit.';
COMMENT ON COLUMN contracts.bound IS 'exact, about, over, under or range.';
COMMENT ON COLUMN contracts.currency IS 'ISO 4217.';
COMMENT ON COLUMN contracts.signed IS 'When it was signed: Shanghai date, ISO 8601, reduced precision.';
COMMENT ON COLUMN contracts.signed_from IS 'First day signed can mean.';
COMMENT ON COLUMN contracts.signed_to IS 'Last day signed can mean.';
COMMENT ON COLUMN contracts.term_months IS 'Term in months.';
COMMENT ON COLUMN contracts.state IS 'What was last told of it as a fact: signed, amended, delayed, suspended, disputed, terminated; proposed or rumoured where no fact was told.';
COMMENT ON COLUMN contracts.cancelled IS 'When it was terminated: Shanghai date, ISO 8601, reduced precision. NULL: not terminated, or nobody says when.';
COMMENT ON COLUMN contracts.cancelled_from IS 'First day cancelled can mean.';
COMMENT ON COLUMN contracts.cancelled_to IS 'Last day cancelled can mean.';
COMMENT ON COLUMN contracts.reason IS 'Why it was terminated: supply, demand, funding, counterparty, policy, mutual, other.';
COMMENT ON COLUMN contracts.mentions IS 'Mentions that mean it.';
COMMENT ON COLUMN contracts.sources IS 'Documents that tell of it.';
COMMENT ON COLUMN contracts.independent_sources IS 'Those that are no copies of another.';
COMMENT ON COLUMN contracts.first_told IS 'Shanghai day of the first document.';
COMMENT ON COLUMN contracts.last_told IS 'Shanghai day of the last document: the last sign of life.';

CREATE TABLE contract_events (
    contract_no         INTEGER NOT NULL,
    event_no            INTEGER NOT NULL,
    action              VARCHAR NOT NULL,
    status              VARCHAR NOT NULL,
    event_date          VARCHAR,
    event_from          DATE,
    event_to            DATE,
    reason              VARCHAR,
    mentions            INTEGER NOT NULL,
    sources             INTEGER NOT NULL,
    independent_sources INTEGER NOT NULL,
    first_told          DATE NOT NULL,
    event_id            VARCHAR NOT NULL
);
COMMENT ON TABLE contract_events IS 'One row a thing that happened to a contract, however often it was told.';
COMMENT ON COLUMN contract_events.contract_no IS 'contracts.contract_no.';
COMMENT ON COLUMN contract_events.event_no IS 'Order in the contract''s life, from 1.';
COMMENT ON COLUMN contract_events.action IS 'signed, amended, delayed, suspended, terminated or disputed.';
COMMENT ON COLUMN contract_events.status IS 'effective, proposed, denied or rumoured (also: told as a fact and denied by a better source).';
COMMENT ON COLUMN contract_events.event_date IS 'When it happened: Shanghai date, ISO 8601, reduced precision.';
COMMENT ON COLUMN contract_events.event_from IS 'First day event_date can mean.';
COMMENT ON COLUMN contract_events.event_to IS 'Last day event_date can mean.';
COMMENT ON COLUMN contract_events.reason IS 'supply, demand, funding, counterparty, policy, mutual, other.';
COMMENT ON COLUMN contract_events.mentions IS 'Mentions of it.';
COMMENT ON COLUMN contract_events.sources IS 'Documents that tell it.';
COMMENT ON COLUMN contract_events.independent_sources IS 'Those that are no copies of another.';
COMMENT ON COLUMN contract_events.first_told IS 'Shanghai day of the first document.';
COMMENT ON COLUMN contract_events.event_id IS 'Best mention: contract_mentions.event_id.';

CREATE TABLE contract_sources (
    event_id    VARCHAR NOT NULL,
    contract_no INTEGER NOT NULL,
    event_no    INTEGER NOT NULL,
    why         VARCHAR NOT NULL
);
COMMENT ON TABLE contract_sources IS 'Which contract and event every contract mention means, and why.';
COMMENT ON COLUMN contract_sources.event_id IS 'contract_mentions.event_id.';
COMMENT ON COLUMN contract_sources.contract_no IS 'The contract it means.';
COMMENT ON COLUMN contract_sources.event_no IS 'contract_events.event_no it tells of.';
COMMENT ON COLUMN contract_sources.why IS 'What linked it to the contract: what agreed, or first telling.';

CREATE TABLE contract_values (
    contract_no INTEGER NOT NULL,
    field       VARCHAR NOT NULL,
    value       VARCHAR NOT NULL,
    event_id    VARCHAR NOT NULL,
    tier_rank   INTEGER NOT NULL,
    agreeing    INTEGER NOT NULL
);
COMMENT ON TABLE contract_values IS 'Where each value of a contract comes from.';
COMMENT ON COLUMN contract_values.contract_no IS 'contracts.contract_no.';
COMMENT ON COLUMN contract_values.field IS 'Column of contracts.';
COMMENT ON COLUMN contract_values.value IS 'The value that counts, printed.';
COMMENT ON COLUMN contract_values.event_id IS 'Mention it comes from.';
COMMENT ON COLUMN contract_values.tier_rank IS '0 corrected by a reviewer, 1 official, 2 regulated media, 3 media, 4 aggregator.';
COMMENT ON COLUMN contract_values.agreeing IS 'Independent sources that say exactly this.';

CREATE TABLE conflicts (
    contract_no INTEGER NOT NULL,
    field       VARCHAR NOT NULL,
    kept        VARCHAR NOT NULL,
    kept_event  VARCHAR NOT NULL,
    other       VARCHAR NOT NULL,
    other_event VARCHAR NOT NULL,
    why         VARCHAR NOT NULL
);
COMMENT ON TABLE conflicts IS 'Every disagreement between tellings of one contract.';
COMMENT ON COLUMN conflicts.contract_no IS 'contracts.contract_no.';
COMMENT ON COLUMN conflicts.field IS 'Column of contracts, or the action that was told and denied.';
COMMENT ON COLUMN conflicts.kept IS 'The value that counts.';
COMMENT ON COLUMN conflicts.kept_event IS 'Mention it comes from.';
COMMENT ON COLUMN conflicts.other IS 'The value that lost.';
COMMENT ON COLUMN conflicts.other_event IS 'Mention it comes from.';
COMMENT ON COLUMN conflicts.why IS 'disagrees, a broken number, or told and denied.';

CREATE TABLE price_observations (
    observation_no      INTEGER NOT NULL,
    kind                VARCHAR NOT NULL,
    item                VARCHAR NOT NULL,
    unit                VARCHAR,
    gpus                INTEGER,
    quantity            DECIMAL(18,4),
    amount              DECIMAL(28,6) NOT NULL,
    amount_max          DECIMAL(28,6),
    bound               VARCHAR,
    currency            VARCHAR,
    period              VARCHAR,
    qualifier           VARCHAR,
    cny_per_gpu_hour    DECIMAL(28,6),
    as_of               VARCHAR,
    as_of_from          DATE NOT NULL,
    as_of_to            DATE NOT NULL,
    mentions            INTEGER NOT NULL,
    sources             INTEGER NOT NULL,
    independent_sources INTEGER NOT NULL,
    first_told          DATE NOT NULL,
    event_id            VARCHAR NOT NULL
);
COMMENT ON TABLE price_observations IS 'One row a price at a time, however often it was quoted.';
COMMENT ON COLUMN price_observations.observation_no IS 'Number.';
COMMENT ON COLUMN price_observations.kind IS 'rent, purchase, resale or cost.';
COMMENT ON COLUMN price_observations.item IS 'Canonical model or item.';
COMMENT ON COLUMN price_observations.unit IS 'What one price buys.';
COMMENT ON COLUMN price_observations.gpus IS 'GPUs in one unit.';
COMMENT ON COLUMN price_observations.quantity IS 'Units in a lot.';
COMMENT ON COLUMN price_observations.amount IS 'Price in units of currency, per unit and period.';
COMMENT ON COLUMN price_observations.amount_max IS 'Upper end of a range.';
COMMENT ON COLUMN price_observations.bound IS 'exact, about, over, under or range.';
COMMENT ON COLUMN price_observations.currency IS 'ISO 4217.';
COMMENT ON COLUMN price_observations.period IS 'hour, day, month or year. NULL: a one-off price.';
COMMENT ON COLUMN price_observations.qualifier IS 'peak, low, claimed, black_market.';
COMMENT ON COLUMN price_observations.cny_per_gpu_hour IS 'CNY per GPU and hour.';
COMMENT ON COLUMN price_observations.as_of IS 'When the price held, as told. NULL: not said, the month it was first told stands in.';
COMMENT ON COLUMN price_observations.as_of_from IS 'First day of as_of, else of the month it was first told.';
COMMENT ON COLUMN price_observations.as_of_to IS 'Last day of as_of, else of the month it was first told.';
COMMENT ON COLUMN price_observations.mentions IS 'Mentions of it.';
COMMENT ON COLUMN price_observations.sources IS 'Documents that quote it.';
COMMENT ON COLUMN price_observations.independent_sources IS 'Those that are no copies of another.';
COMMENT ON COLUMN price_observations.first_told IS 'Shanghai day of the first document.';
COMMENT ON COLUMN price_observations.event_id IS 'Best mention: price_mentions.event_id.';

CREATE TABLE project_entities (
    project_no INTEGER NOT NULL,
    project_id VARCHAR NOT NULL,
    name       VARCHAR,
    operator   VARCHAR,
    place      VARCHAR,
    province   VARCHAR,
    mentions   INTEGER NOT NULL,
    sources    INTEGER NOT NULL,
    first_told DATE NOT NULL,
    last_told  DATE NOT NULL
);
COMMENT ON TABLE project_entities IS 'One row a project, a region or an operator''s programme.';
COMMENT ON COLUMN project_entities.project_no IS 'Number, in the order projects were first told.';
COMMENT ON COLUMN project_entities.project_id IS 'Id of its first mention.';
COMMENT ON COLUMN project_entities.name IS 'Name, phase left out. NULL: a region, or an operator''s whole programme.';
COMMENT ON COLUMN project_entities.operator IS 'Who builds or owns it.';
COMMENT ON COLUMN project_entities.place IS 'Place as told, simplified.';
COMMENT ON COLUMN project_entities.province IS 'Province the place lies in. NULL: not known, or abroad.';
COMMENT ON COLUMN project_entities.mentions IS 'Mentions.';
COMMENT ON COLUMN project_entities.sources IS 'Documents.';
COMMENT ON COLUMN project_entities.first_told IS 'Shanghai day of the first document.';
COMMENT ON COLUMN project_entities.last_told IS 'Shanghai day of the last document.';

CREATE TABLE project_sources (
    event_id   VARCHAR NOT NULL,
    project_no INTEGER NOT NULL,
    phase      VARCHAR
);
COMMENT ON TABLE project_sources IS 'Which project every project mention means.';
COMMENT ON COLUMN project_sources.event_id IS 'project_mentions.event_id.';
COMMENT ON COLUMN project_sources.project_no IS 'project_entities.project_no.';
COMMENT ON COLUMN project_sources.phase IS 'Phase its name gives: 一期, 二期. NULL: the whole.';
