-- No mention without its document, and no document version twice.
SELECT 'mention without document' AS what, event_id AS id
FROM (
    SELECT event_id, doc_id, sha256 FROM contract_mentions
    UNION ALL SELECT event_id, doc_id, sha256 FROM price_mentions
    UNION ALL SELECT event_id, doc_id, sha256 FROM project_mentions
    UNION ALL SELECT event_id, doc_id, sha256 FROM utilisation_mentions
) m
ANTI JOIN documents d USING (doc_id, sha256)
UNION ALL
SELECT 'document twice', doc_id FROM documents GROUP BY doc_id, sha256 HAVING count(*) > 1
UNION ALL
SELECT 'document without one current version', doc_id FROM documents
GROUP BY doc_id HAVING count(*) FILTER (is_current) <> 1
UNION ALL
SELECT 'mention twice', event_id FROM contract_mentions GROUP BY event_id HAVING count(*) > 1
UNION ALL
SELECT 'mention twice', event_id FROM price_mentions GROUP BY event_id HAVING count(*) > 1
UNION ALL
SELECT 'mention twice', event_id FROM project_mentions GROUP BY event_id HAVING count(*) > 1
UNION ALL
SELECT 'mention twice', event_id FROM utilisation_mentions GROUP BY event_id HAVING count(*) > 1
LIMIT 20
