-- One row a project: where, whose, how far, how big.
CREATE OR REPLACE VIEW projects AS
SELECT e.project_no, e.name, e.operator, e.place, e.province,
    -- a region's centres are each at another stage
    CASE WHEN coalesce(e.name, e.operator) IS NOT NULL THEN s.stage END AS stage,
    CASE WHEN coalesce(e.name, e.operator) IS NOT NULL THEN s.stages END AS stages,
    max(m.amount) FILTER (m.measure = 'compute' AND m.unit = 'PFLOPS' AND m.standing = 'planned') AS compute_pflops_planned,
    max(m.amount) FILTER (m.measure = 'compute' AND m.unit = 'PFLOPS' AND m.standing = 'standing') AS compute_pflops_standing,
    max(m.amount) FILTER (m.measure = 'investment' AND m.unit = 'CNY' AND m.standing = 'planned') AS investment_cny_planned,
    max(m.amount) FILTER (m.measure = 'investment' AND m.unit = 'CNY' AND m.standing = 'standing') AS investment_cny_standing,
    max(m.amount) FILTER (m.measure = 'racks' AND m.unit = 'rack' AND m.standing = 'planned') AS racks_planned,
    max(m.amount) FILTER (m.measure = 'racks' AND m.unit = 'rack' AND m.standing = 'standing') AS racks_standing,
    max(m.amount) FILTER (m.measure = 'servers' AND m.unit = 'server' AND m.standing = 'planned') AS servers_planned,
    max(m.amount) FILTER (m.measure = 'servers' AND m.unit = 'server' AND m.standing = 'standing') AS servers_standing,
    max(m.amount) FILTER (m.measure = 'cards' AND m.unit = 'card' AND m.standing = 'planned') AS cards_planned,
    max(m.amount) FILTER (m.measure = 'cards' AND m.unit = 'card' AND m.standing = 'standing') AS cards_standing,
    max(m.amount) FILTER (m.measure = 'power' AND m.unit = 'MW' AND m.standing = 'planned') AS power_mw_planned,
    max(m.amount) FILTER (m.measure = 'power' AND m.unit = 'MW' AND m.standing = 'standing') AS power_mw_standing,
    max(m.amount) FILTER (m.measure = 'land' AND m.unit = 'm2' AND m.standing = 'planned') AS land_m2_planned,
    max(m.amount) FILTER (m.measure = 'land' AND m.unit = 'm2' AND m.standing = 'standing') AS land_m2_standing,
    max(m.amount) FILTER (m.measure = 'floor' AND m.unit = 'm2' AND m.standing = 'planned') AS floor_m2_planned,
    max(m.amount) FILTER (m.measure = 'floor' AND m.unit = 'm2' AND m.standing = 'standing') AS floor_m2_standing,
    max(m.amount) FILTER (m.measure = 'projects' AND m.unit = 'project' AND m.standing = 'planned') AS centres_planned,
    max(m.amount) FILTER (m.measure = 'projects' AND m.unit = 'project' AND m.standing = 'standing') AS centres_standing,
    e.mentions, e.sources, e.first_told, e.last_told, e.project_id
FROM project_entities e
LEFT JOIN project_stages s USING (project_no)
LEFT JOIN project_measures m USING (project_no)
-- what has no name, no operator and no place is in project_sizes only
WHERE coalesce(e.name, e.operator, e.place) IS NOT NULL
GROUP BY ALL
ORDER BY e.first_told, e.project_no;

COMMENT ON VIEW projects IS 'One row a project; a region or an operator''s programme where no name is given.';
COMMENT ON COLUMN projects.stage IS 'What was last told: announced, approved, tender, under_construction, completed, operating, idle, suspended, cancelled. NULL: not said, or a region.';
COMMENT ON COLUMN projects.stages IS 'Stages told, each after its month; (planned) where that was still to come.';
COMMENT ON COLUMN projects.compute_pflops_planned IS 'compute as planned, in PFLOPS.';
COMMENT ON COLUMN projects.compute_pflops_standing IS 'compute that stands, in PFLOPS.';
COMMENT ON COLUMN projects.investment_cny_planned IS 'investment as planned, in CNY.';
COMMENT ON COLUMN projects.investment_cny_standing IS 'investment that stands, in CNY.';
COMMENT ON COLUMN projects.racks_planned IS 'racks as planned, in rack.';
COMMENT ON COLUMN projects.racks_standing IS 'racks that stands, in rack.';
COMMENT ON COLUMN projects.servers_planned IS 'servers as planned, in server.';
COMMENT ON COLUMN projects.servers_standing IS 'servers that stands, in server.';
COMMENT ON COLUMN projects.cards_planned IS 'cards as planned, in card.';
COMMENT ON COLUMN projects.cards_standing IS 'cards that stands, in card.';
COMMENT ON COLUMN projects.power_mw_planned IS 'power as planned, in MW.';
COMMENT ON COLUMN projects.power_mw_standing IS 'power that stands, in MW.';
COMMENT ON COLUMN projects.land_m2_planned IS 'land as planned, in m2.';
COMMENT ON COLUMN projects.land_m2_standing IS 'land that stands, in m2.';
COMMENT ON COLUMN projects.floor_m2_planned IS 'floor as planned, in m2.';
COMMENT ON COLUMN projects.floor_m2_standing IS 'floor that stands, in m2.';
COMMENT ON COLUMN projects.centres_planned IS 'projects as planned, in project.';
COMMENT ON COLUMN projects.centres_standing IS 'projects that stands, in project.';
