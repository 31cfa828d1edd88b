-- Mentions: what was read, as it was read. One table a kind of event, one column a field of docs/events.md.

CREATE TABLE contract_mentions (
    event_id          VARCHAR NOT NULL,
    event             VARCHAR NOT NULL,
    doc_id            VARCHAR NOT NULL,
    sha256            VARCHAR NOT NULL,
    start             INTEGER NOT NULL,
    "end"             INTEGER NOT NULL,
    quote             VARCHAR NOT NULL,
    confidence        DOUBLE NOT NULL,
    rule              VARCHAR NOT NULL,
    extractor_version VARCHAR NOT NULL,
    page              INTEGER,
    action            VARCHAR NOT NULL,
    status            VARCHAR NOT NULL,
    category          VARCHAR,
    company           VARCHAR,
    company_code      VARCHAR,
    party             VARCHAR,
    counterparty      VARCHAR,
    contract          VARCHAR,
    signed_date       VARCHAR,
    event_date        VARCHAR,
    amount            DECIMAL(28,6),
    amount_max        DECIMAL(28,6),
    bound             VARCHAR,
    currency          VARCHAR,
    term_months       DECIMAL(12,4),
    reason            VARCHAR,
    signed_from       DATE,
    signed_to         DATE,
    event_from        DATE,
    event_to          DATE
);
COMMENT ON TABLE contract_mentions IS 'What one document says of one contract, as read; source: nlp.extractors.contract.';
COMMENT ON COLUMN contract_mentions.event_id IS 'Stable id: digest of the document version, the evidence and the values; the same reading has the same id in every warehouse.';
COMMENT ON COLUMN contract_mentions.event IS 'Kind of event, constant in this table.';
COMMENT ON COLUMN contract_mentions.doc_id IS 'Document it was read from; with sha256 the key of documents.';
COMMENT ON COLUMN contract_mentions.sha256 IS 'Version of the document: SHA-256 of its text of record, hex.';
COMMENT ON COLUMN contract_mentions.start IS 'First code point of the evidence in documents.text, from 0.';
COMMENT ON COLUMN contract_mentions."end" IS 'Code point after the evidence in documents.text.';
COMMENT ON COLUMN contract_mentions.quote IS 'The evidence: exactly documents.text[start:end], as published.';
COMMENT ON COLUMN contract_mentions.confidence IS 'How sure the extractor is, 0 to 1.';
COMMENT ON COLUMN contract_mentions.rule IS 'Which rule fired.';
COMMENT ON COLUMN contract_mentions.extractor_version IS 'nlp.extract.VERSION that read it.';
COMMENT ON COLUMN contract_mentions.page IS 'Page of the evidence, from 1. NULL: the document has no pages.';
COMMENT ON COLUMN contract_mentions.action IS 'signed, amended, delayed, suspended, terminated or disputed.';
COMMENT ON COLUMN contract_mentions.status IS 'effective, proposed, denied or rumoured.';
COMMENT ON COLUMN contract_mentions.category IS 'compute_rental, equipment, construction, cooperation or other.';
COMMENT ON COLUMN contract_mentions.company IS 'Listed company that reports, short name, simplified characters.';
COMMENT ON COLUMN contract_mentions.company_code IS 'Its six digits. NULL: not listed, or not known.';
COMMENT ON COLUMN contract_mentions.party IS 'Subsidiary that signed on the company''s side. NULL: the company itself, or not said.';
COMMENT ON COLUMN contract_mentions.counterparty IS 'The other side, simplified, as the text names it (may be masked: 客户A).';
COMMENT ON COLUMN contract_mentions.contract IS 'The contract''s name in the text, without brackets.';
COMMENT ON COLUMN contract_mentions.signed_date IS 'When it was signed, Shanghai date, ISO 8601 with the precision the text has (2024, 2024-10, 2024-01/2024-06). NULL: not said.';
COMMENT ON COLUMN contract_mentions.event_date IS 'When the action happened, else was announced, Shanghai date, ISO 8601 with the precision the text has (2024, 2024-10, 2024-01/2024-06). NULL: not said.';
COMMENT ON COLUMN contract_mentions.amount IS 'The contract''s value in units of currency as stated; the lower end of a range.';
COMMENT ON COLUMN contract_mentions.amount_max IS 'Upper end of a range, same unit. NULL: no range.';
COMMENT ON COLUMN contract_mentions.bound IS 'exact, about, over, under or range.';
COMMENT ON COLUMN contract_mentions.currency IS 'ISO 4217.';
COMMENT ON COLUMN contract_mentions.term_months IS 'Term in months.';
COMMENT ON COLUMN contract_mentions.reason IS 'supply, demand, funding, counterparty, policy, mutual or other. NULL: not said.';
COMMENT ON COLUMN contract_mentions.signed_from IS 'First Shanghai day signed_date can mean; derived.';
COMMENT ON COLUMN contract_mentions.signed_to IS 'Last Shanghai day signed_date can mean; derived.';
COMMENT ON COLUMN contract_mentions.event_from IS 'First Shanghai day event_date can mean; derived.';
COMMENT ON COLUMN contract_mentions.event_to IS 'Last Shanghai day event_date can mean; derived.';

CREATE TABLE price_mentions (
    event_id          VARCHAR NOT NULL,
    event             VARCHAR NOT NULL,
    doc_id            VARCHAR NOT NULL,
    sha256            VARCHAR NOT NULL,
    start             INTEGER NOT NULL,
    "end"             INTEGER NOT NULL,
    quote             VARCHAR NOT NULL,
    confidence        DOUBLE NOT NULL,
    rule              VARCHAR NOT NULL,
    extractor_version VARCHAR NOT NULL,
    page              INTEGER,
    kind              VARCHAR NOT NULL,
    item              VARCHAR NOT NULL,
    unit              VARCHAR,
    gpus              INTEGER,
    quantity          DECIMAL(18,4),
    amount            DECIMAL(28,6) NOT NULL,
    amount_max        DECIMAL(28,6),
    bound             VARCHAR,
    currency          VARCHAR,
    period            VARCHAR,
    as_of             VARCHAR,
    qualifier         VARCHAR,
    cny_per_gpu_hour  DECIMAL(28,6),
    as_of_from        DATE,
    as_of_to          DATE
);
COMMENT ON TABLE price_mentions IS 'One price a document quotes, as read; source: nlp.extractors.price.';
COMMENT ON COLUMN price_mentions.event_id IS 'Stable id: digest of the document version, the evidence and the values; the same reading has the same id in every warehouse.';
COMMENT ON COLUMN price_mentions.event IS 'Kind of event, constant in this table.';
COMMENT ON COLUMN price_mentions.doc_id IS 'Document it was read from; with sha256 the key of documents.';
COMMENT ON COLUMN price_mentions.sha256 IS 'Version of the document: SHA-256 of its text of record, hex.';
COMMENT ON COLUMN price_mentions.start IS 'First code point of the evidence in documents.text, from 0.';
COMMENT ON COLUMN price_mentions."end" IS 'Code point after the evidence in documents.text.';
COMMENT ON COLUMN price_mentions.quote IS 'The evidence: exactly documents.text[start:end], as published.';
COMMENT ON COLUMN price_mentions.confidence IS 'How sure the extractor is, 0 to 1.';
COMMENT ON COLUMN price_mentions.rule IS 'Which rule fired.';
COMMENT ON COLUMN price_mentions.extractor_version IS 'nlp.extract.VERSION that read it.';
COMMENT ON COLUMN price_mentions.page IS 'Page of the evidence, from 1. NULL: the document has no pages.';
COMMENT ON COLUMN price_mentions.kind IS 'rent, purchase, resale or cost.';
COMMENT ON COLUMN price_mentions.item IS 'Canonical model (H100, RTX 4090, Ascend 910B), or GPU, server, compute, rack, electricity, cooling_…';
COMMENT ON COLUMN price_mentions.unit IS 'What one price buys: card, server, PFLOPS, kW, kWh, rack, lot. NULL: left open.';
COMMENT ON COLUMN price_mentions.gpus IS 'GPUs in one unit. NULL: not said.';
COMMENT ON COLUMN price_mentions.quantity IS 'Units in a lot.';
COMMENT ON COLUMN price_mentions.amount IS 'Price in units of currency, per unit and period, as stated; the lower end of a range.';
COMMENT ON COLUMN price_mentions.amount_max IS 'Upper end of a range, same unit. NULL: no range.';
COMMENT ON COLUMN price_mentions.bound IS 'exact, about, over, under or range.';
COMMENT ON COLUMN price_mentions.currency IS 'ISO 4217.';
COMMENT ON COLUMN price_mentions.period IS 'hour, day, month or year. NULL: a one-off price.';
COMMENT ON COLUMN price_mentions.as_of IS 'When the price held, Shanghai date, ISO 8601 with the precision the text has (2024, 2024-10, 2024-01/2024-06). NULL: not said.';
COMMENT ON COLUMN price_mentions.qualifier IS 'peak, low, claimed, black_market. NULL: none.';
COMMENT ON COLUMN price_mentions.cny_per_gpu_hour IS 'CNY per GPU and hour, for rents in CNY with known gpus; a month is 730 h, a year 8,760 h.';
COMMENT ON COLUMN price_mentions.as_of_from IS 'First Shanghai day as_of can mean; derived.';
COMMENT ON COLUMN price_mentions.as_of_to IS 'Last Shanghai day as_of can mean; derived.';

CREATE TABLE project_mentions (
    event_id          VARCHAR NOT NULL,
    event             VARCHAR NOT NULL,
    doc_id            VARCHAR NOT NULL,
    sha256            VARCHAR NOT NULL,
    start             INTEGER NOT NULL,
    "end"             INTEGER NOT NULL,
    quote             VARCHAR NOT NULL,
    confidence        DOUBLE NOT NULL,
    rule              VARCHAR NOT NULL,
    extractor_version VARCHAR NOT NULL,
    page              INTEGER,
    project           VARCHAR,
    operator          VARCHAR,
    place             VARCHAR,
    stage             VARCHAR,
    measure           VARCHAR NOT NULL,
    amount            DECIMAL(28,6) NOT NULL,
    amount_max        DECIMAL(28,6),
    bound             VARCHAR,
    unit              VARCHAR NOT NULL,
    as_of             VARCHAR,
    as_of_from        DATE,
    as_of_to          DATE
);
COMMENT ON TABLE project_mentions IS 'One measure of one project or region a document gives, as read; source: nlp.extractors.project.';
COMMENT ON COLUMN project_mentions.event_id IS 'Stable id: digest of the document version, the evidence and the values; the same reading has the same id in every warehouse.';
COMMENT ON COLUMN project_mentions.event IS 'Kind of event, constant in this table.';
COMMENT ON COLUMN project_mentions.doc_id IS 'Document it was read from; with sha256 the key of documents.';
COMMENT ON COLUMN project_mentions.sha256 IS 'Version of the document: SHA-256 of its text of record, hex.';
COMMENT ON COLUMN project_mentions.start IS 'First code point of the evidence in documents.text, from 0.';
COMMENT ON COLUMN project_mentions."end" IS 'Code point after the evidence in documents.text.';
COMMENT ON COLUMN project_mentions.quote IS 'The evidence: exactly documents.text[start:end], as published.';
COMMENT ON COLUMN project_mentions.confidence IS 'How sure the extractor is, 0 to 1.';
COMMENT ON COLUMN project_mentions.rule IS 'Which rule fired.';
COMMENT ON COLUMN project_mentions.extractor_version IS 'nlp.extract.VERSION that read it.';
COMMENT ON COLUMN project_mentions.page IS 'Page of the evidence, from 1. NULL: the document has no pages.';
COMMENT ON COLUMN project_mentions.project IS 'Its name. NULL: a region, or a company''s whole programme.';
COMMENT ON COLUMN project_mentions.operator IS 'Who builds or owns it.';
COMMENT ON COLUMN project_mentions.place IS 'Place as in the text, simplified.';
COMMENT ON COLUMN project_mentions.stage IS 'announced, approved, tender, under_construction, completed, operating, idle, suspended, cancelled.';
COMMENT ON COLUMN project_mentions.measure IS 'compute, investment, racks, servers, cards, power, land, floor or projects.';
COMMENT ON COLUMN project_mentions.amount IS 'Figure in units of unit, as stated; the lower end of a range.';
COMMENT ON COLUMN project_mentions.amount_max IS 'Upper end of a range, same unit. NULL: no range.';
COMMENT ON COLUMN project_mentions.bound IS 'exact, about, over, under or range.';
COMMENT ON COLUMN project_mentions.unit IS 'PFLOPS, an ISO 4217 code, rack, server, card, MW, m2 or project.';
COMMENT ON COLUMN project_mentions.as_of IS 'When the figure held, or is to hold, Shanghai date, ISO 8601 with the precision the text has (2024, 2024-10, 2024-01/2024-06). NULL: not said.';
COMMENT ON COLUMN project_mentions.as_of_from IS 'First Shanghai day as_of can mean; derived.';
COMMENT ON COLUMN project_mentions.as_of_to IS 'Last Shanghai day as_of can mean; derived.';

CREATE TABLE utilisation_mentions (
    event_id          VARCHAR NOT NULL,
    event             VARCHAR NOT NULL,
    doc_id            VARCHAR NOT NULL,
    sha256            VARCHAR NOT NULL,
    start             INTEGER NOT NULL,
    "end"             INTEGER NOT NULL,
    quote             VARCHAR NOT NULL,
    confidence        DOUBLE NOT NULL,
    rule              VARCHAR NOT NULL,
    extractor_version VARCHAR NOT NULL,
    page              INTEGER,
    metric            VARCHAR NOT NULL,
    rate              DECIMAL(12,6) NOT NULL,
    rate_max          DECIMAL(12,6),
    bound             VARCHAR,
    scope             VARCHAR,
    as_of             VARCHAR,
    status            VARCHAR NOT NULL,
    as_of_from        DATE,
    as_of_to          DATE
);
COMMENT ON TABLE utilisation_mentions IS 'One rate of use a document gives, as read; source: nlp.extractors.utilisation.';
COMMENT ON COLUMN utilisation_mentions.event_id IS 'Stable id: digest of the document version, the evidence and the values; the same reading has the same id in every warehouse.';
COMMENT ON COLUMN utilisation_mentions.event IS 'Kind of event, constant in this table.';
COMMENT ON COLUMN utilisation_mentions.doc_id IS 'Document it was read from; with sha256 the key of documents.';
COMMENT ON COLUMN utilisation_mentions.sha256 IS 'Version of the document: SHA-256 of its text of record, hex.';
COMMENT ON COLUMN utilisation_mentions.start IS 'First code point of the evidence in documents.text, from 0.';
COMMENT ON COLUMN utilisation_mentions."end" IS 'Code point after the evidence in documents.text.';
COMMENT ON COLUMN utilisation_mentions.quote IS 'The evidence: exactly documents.text[start:end], as published.';
COMMENT ON COLUMN utilisation_mentions.confidence IS 'How sure the extractor is, 0 to 1.';
COMMENT ON COLUMN utilisation_mentions.rule IS 'Which rule fired.';
COMMENT ON COLUMN utilisation_mentions.extractor_version IS 'nlp.extract.VERSION that read it.';
COMMENT ON COLUMN utilisation_mentions.page IS 'Page of the evidence, from 1. NULL: the document has no pages.';
COMMENT ON COLUMN utilisation_mentions.metric IS 'utilisation, vacancy, rack_rate, rental_rate or lit_rate.';
COMMENT ON COLUMN utilisation_mentions.rate IS 'Per cent: 32 for 32 %; the lower end of a range.';
COMMENT ON COLUMN utilisation_mentions.rate_max IS 'Upper end of a range, per cent.';
COMMENT ON COLUMN utilisation_mentions.bound IS 'exact, about, over, under or range.';
COMMENT ON COLUMN utilisation_mentions.scope IS 'Who or where: 全国, a region, a project, a company.';
COMMENT ON COLUMN utilisation_mentions.as_of IS 'When it held, Shanghai date, ISO 8601 with the precision the text has (2024, 2024-10, 2024-01/2024-06). NULL: not said.';
COMMENT ON COLUMN utilisation_mentions.status IS 'observed or target.';
COMMENT ON COLUMN utilisation_mentions.as_of_from IS 'First Shanghai day as_of can mean; derived.';
COMMENT ON COLUMN utilisation_mentions.as_of_to IS 'Last Shanghai day as_of can mean; derived.';
