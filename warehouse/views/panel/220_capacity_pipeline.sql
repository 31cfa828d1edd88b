-- What is coming, by province and stage.
CREATE OR REPLACE VIEW capacity_pipeline AS
SELECT province, stage, count(*)::INTEGER AS projects,
    sum(coalesce(compute_pflops_standing, compute_pflops_planned)) AS compute_pflops,
    sum(coalesce(investment_cny_standing, investment_cny_planned)) AS investment_cny,
    sum(coalesce(racks_standing, racks_planned)) AS racks,
    sum(coalesce(power_mw_standing, power_mw_planned)) AS power_mw
FROM projects
WHERE name IS NOT NULL
GROUP BY province, stage
ORDER BY province NULLS LAST, stage NULLS LAST;

COMMENT ON VIEW capacity_pipeline IS 'Named projects by province and stage, with what stands or, where nothing does, is planned.';
COMMENT ON COLUMN capacity_pipeline.province IS 'NULL: not known, or abroad.';
COMMENT ON COLUMN capacity_pipeline.stage IS 'What was last told. NULL: nothing.';
COMMENT ON COLUMN capacity_pipeline.projects IS 'Named projects.';
COMMENT ON COLUMN capacity_pipeline.compute_pflops IS 'PFLOPS.';
COMMENT ON COLUMN capacity_pipeline.investment_cny IS 'CNY.';
COMMENT ON COLUMN capacity_pipeline.racks IS 'Racks.';
COMMENT ON COLUMN capacity_pipeline.power_mw IS 'MW.';
