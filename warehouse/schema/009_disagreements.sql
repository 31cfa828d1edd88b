-- Prices, projects and rates disagree, too. Rows of contracts stay as they are; the new columns come last.

ALTER TABLE conflicts ALTER COLUMN contract_no DROP NOT NULL;
ALTER TABLE conflicts ADD COLUMN kind VARCHAR;
ALTER TABLE conflicts ADD COLUMN about VARCHAR;
ALTER TABLE conflicts ADD COLUMN project_no INTEGER;
ALTER TABLE conflicts ADD COLUMN observation_no INTEGER;
COMMENT ON TABLE conflicts IS 'Every disagreement between tellings of one contract, one project, one quoted price or one rate. Two prices two people quote are none; two copies of one quote that differ are.';
COMMENT ON COLUMN conflicts.contract_no IS 'contracts.contract_no. NULL: not of a contract.';
COMMENT ON COLUMN conflicts.field IS 'Column of contracts, or the action that was told and denied; of a project its operator, place, or a measure with _planned or _standing; of a price amount; of a rate its metric.';
COMMENT ON COLUMN conflicts.why IS 'disagrees, a broken number (a lost digit, another unit), or told and denied.';
COMMENT ON COLUMN conflicts.kind IS 'contract, price, project or utilisation.';
COMMENT ON COLUMN conflicts.about IS 'What it is about, in words: the company and the other side, the project, the item, the scope.';
COMMENT ON COLUMN conflicts.project_no IS 'project_entities.project_no. NULL: not of a project.';
COMMENT ON COLUMN conflicts.observation_no IS 'price_observations.observation_no. NULL: not of a price.';
UPDATE conflicts SET kind = 'contract';

-- what was resolved before knows none of these
UPDATE state SET value = 'no' WHERE name = 'resolved';
