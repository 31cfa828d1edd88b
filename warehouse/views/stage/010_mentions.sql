-- Mentions of current document versions, with what ranks one telling above another.

CREATE OR REPLACE VIEW stage_documents AS
SELECT
    doc_id, sha256, url, title, published, source, kind, tier, reader, characters, first_seen, last_seen,
    CASE coalesce(tier, CASE kind WHEN 'filing' THEN 'official' WHEN 'news' THEN 'media' END)
        WHEN 'official' THEN 1 WHEN 'regulated' THEN 2 WHEN 'media' THEN 3 ELSE 4
    END AS tier_rank,
    coalesce(published, first_seen::DATE) AS told,
    coalesce(copies_of, doc_id) AS original,
    coalesce(corrects(title), false) AS corrects
FROM documents
WHERE is_current;
COMMENT ON VIEW stage_documents IS 'The version of every document that counts, without its text.';
COMMENT ON COLUMN stage_documents.tier_rank IS '1 official, 2 regulated media, 3 media, 4 aggregator or unknown; a filing without a tier is official, news media.';
COMMENT ON COLUMN stage_documents.original IS 'The document it copies, else itself: counts as one independent source.';
COMMENT ON COLUMN stage_documents.corrects IS 'Whether its title says that it corrects an earlier one.';
COMMENT ON COLUMN stage_documents.told IS 'Shanghai day it was published, else the UTC day it was first seen.';

CREATE OR REPLACE VIEW stage_contracts AS
WITH corrected AS (
    FROM contract_mentions m ANTI JOIN reviewed.standing r ON m.event_id = r.event_id AND r.standing <> 'accepted'
    UNION ALL BY NAME
    FROM reviewed.contract_mentions
)
SELECT
    m.*, d.url, d.source, d.published, d.told, d.original, d.corrects,
    CASE WHEN r.event_id IS NULL THEN d.tier_rank ELSE 0 END AS tier_rank
FROM corrected m
JOIN stage_documents d USING (doc_id, sha256)
LEFT JOIN reviewed.standing r ON m.event_id = r.event_id;
COMMENT ON VIEW stage_contracts IS 'contract_mentions of current documents, as reviewers left them: rejected ones gone, edited ones right.';
COMMENT ON COLUMN stage_contracts.tier_rank IS '0 reviewed; else that of the document, 1 official to 4 aggregator.';

CREATE OR REPLACE VIEW stage_prices AS
WITH corrected AS (
    FROM price_mentions m ANTI JOIN reviewed.standing r ON m.event_id = r.event_id AND r.standing <> 'accepted'
    UNION ALL BY NAME
    FROM reviewed.price_mentions
)
SELECT
    m.*, d.url, d.source, d.published, d.told, d.original,
    CASE WHEN r.event_id IS NULL THEN d.tier_rank ELSE 0 END AS tier_rank
FROM corrected m
JOIN stage_documents d USING (doc_id, sha256)
LEFT JOIN reviewed.standing r ON m.event_id = r.event_id;
COMMENT ON VIEW stage_prices IS 'price_mentions of current documents, as reviewers left them: rejected ones gone, edited ones right.';
COMMENT ON COLUMN stage_prices.tier_rank IS '0 reviewed; else that of the document, 1 official to 4 aggregator.';

CREATE OR REPLACE VIEW stage_projects AS
WITH corrected AS (
    FROM project_mentions m ANTI JOIN reviewed.standing r ON m.event_id = r.event_id AND r.standing <> 'accepted'
    UNION ALL BY NAME
    FROM reviewed.project_mentions
)
SELECT
    m.*, d.url, d.source, d.published, d.told, d.original,
    CASE WHEN r.event_id IS NULL THEN d.tier_rank ELSE 0 END AS tier_rank
FROM corrected m
JOIN stage_documents d USING (doc_id, sha256)
LEFT JOIN reviewed.standing r ON m.event_id = r.event_id;
COMMENT ON VIEW stage_projects IS 'project_mentions of current documents, as reviewers left them: rejected ones gone, edited ones right.';
COMMENT ON COLUMN stage_projects.tier_rank IS '0 reviewed; else that of the document, 1 official to 4 aggregator.';

CREATE OR REPLACE VIEW stage_utilisation AS
WITH corrected AS (
    FROM utilisation_mentions m ANTI JOIN reviewed.standing r ON m.event_id = r.event_id AND r.standing <> 'accepted'
    UNION ALL BY NAME
    FROM reviewed.utilisation_mentions
)
SELECT
    m.*, d.url, d.source, d.published, d.told, d.original,
    CASE WHEN r.event_id IS NULL THEN d.tier_rank ELSE 0 END AS tier_rank
FROM corrected m
JOIN stage_documents d USING (doc_id, sha256)
LEFT JOIN reviewed.standing r ON m.event_id = r.event_id;
COMMENT ON VIEW stage_utilisation IS 'utilisation_mentions of current documents, as reviewers left them: rejected ones gone, edited ones right.';
COMMENT ON COLUMN stage_utilisation.tier_rank IS '0 reviewed; else that of the document, 1 official to 4 aggregator.';

