-- Every quote is exactly its text. (substring counts code points from 1.)
SELECT m.event_id, m.doc_id
FROM (
    SELECT event_id, doc_id, sha256, start, "end", quote FROM contract_mentions
    UNION ALL SELECT event_id, doc_id, sha256, start, "end", quote FROM price_mentions
    UNION ALL SELECT event_id, doc_id, sha256, start, "end", quote FROM project_mentions
    UNION ALL SELECT event_id, doc_id, sha256, start, "end", quote FROM utilisation_mentions
) m
JOIN documents d USING (doc_id, sha256)
WHERE array_slice(d.text, m.start + 1, m."end") <> m.quote
LIMIT 20
