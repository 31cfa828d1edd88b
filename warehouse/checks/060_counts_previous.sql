-- Minimum counts per source: none has fewer documents than in the snapshot before.
SELECT p.source, n.documents, p.documents AS before
FROM (SELECT coalesce(source, 'files') AS source, count(DISTINCT doc_id) AS documents
    FROM previous.documents GROUP BY ALL) p
LEFT JOIN (SELECT coalesce(source, 'files') AS source, count(DISTINCT doc_id) AS documents
    FROM documents GROUP BY ALL) n USING (source)
WHERE coalesce(n.documents, 0) < p.documents
