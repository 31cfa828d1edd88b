-- Every size of a project or region, as told.
CREATE OR REPLACE VIEW project_sizes AS
SELECT
    project, operator, place, stage, measure, amount, amount_max, bound, unit, as_of, quote,
    published, source, url, doc_id, event_id, confidence, as_of_from, as_of_to
FROM stage_projects
ORDER BY place NULLS LAST, project NULLS LAST, measure, coalesce(as_of_from, told), event_id;
COMMENT ON VIEW project_sizes IS 'Every size of a project or region, as told, one row a mention.';
