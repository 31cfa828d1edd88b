-- Mentions of current document versions, with what ranks one telling above another.

CREATE OR REPLACE VIEW stage_documents AS
SELECT
    doc_id, sha256, url, title, published, source, kind, tier, reader, characters, first_seen, last_seen,
    CASE coalesce(tier, CASE kind WHEN 'filing' THEN 'official' WHEN 'news' THEN 'media' END)
        WHEN 'official' THEN 1 WHEN 'regulated' THEN 2 WHEN 'media' THEN 3 ELSE 4
    END AS tier_rank,
    coalesce(published, first_seen::DATE) AS told
FROM documents
WHERE is_current;
COMMENT ON VIEW stage_documents IS 'The version of every document that counts, without its text.';
COMMENT ON COLUMN stage_documents.tier_rank IS '1 official, 2 regulated media, 3 media, 4 aggregator or unknown; a filing without a tier is official, news media.';
COMMENT ON COLUMN stage_documents.told IS 'Shanghai day it was published, else the UTC day it was first seen.';

CREATE OR REPLACE VIEW stage_contracts AS
SELECT m.*, d.url, d.source, d.published, d.told, d.tier_rank
FROM contract_mentions m JOIN stage_documents d USING (doc_id, sha256);
COMMENT ON VIEW stage_contracts IS 'contract_mentions of current documents.';

CREATE OR REPLACE VIEW stage_prices AS
SELECT m.*, d.url, d.source, d.published, d.told, d.tier_rank
FROM price_mentions m JOIN stage_documents d USING (doc_id, sha256);
COMMENT ON VIEW stage_prices IS 'price_mentions of current documents.';

CREATE OR REPLACE VIEW stage_projects AS
SELECT m.*, d.url, d.source, d.published, d.told, d.tier_rank
FROM project_mentions m JOIN stage_documents d USING (doc_id, sha256);
COMMENT ON VIEW stage_projects IS 'project_mentions of current documents.';

CREATE OR REPLACE VIEW stage_utilisation AS
SELECT m.*, d.url, d.source, d.published, d.told, d.tier_rank
FROM utilisation_mentions m JOIN stage_documents d USING (doc_id, sha256);
COMMENT ON VIEW stage_utilisation IS 'utilisation_mentions of current documents.';
