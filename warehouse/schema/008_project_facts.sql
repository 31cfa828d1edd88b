-- What the mentions of a project come to. Built anew by warehouse/projects.py at every resolve.

CREATE TABLE project_measures (
    project_no INTEGER NOT NULL,
    measure    VARCHAR NOT NULL,
    unit       VARCHAR NOT NULL,
    standing   VARCHAR NOT NULL,
    amount     DECIMAL(38,6) NOT NULL,
    phases     INTEGER NOT NULL,
    event_id   VARCHAR NOT NULL
);
COMMENT ON TABLE project_measures IS 'Each measure of each project, planned and standing apart: from the best source, there the latest word.';
COMMENT ON COLUMN project_measures.project_no IS 'project_entities.project_no.';
COMMENT ON COLUMN project_measures.measure IS 'compute, investment, racks, servers, cards, power, land, floor or projects.';
COMMENT ON COLUMN project_measures.unit IS 'PFLOPS, an ISO 4217 code, rack, server, card, MW, m2 or project.';
COMMENT ON COLUMN project_measures.standing IS 'planned (announced to under construction, or not said) or standing (completed, operating, idle).';
COMMENT ON COLUMN project_measures.amount IS 'Figure in units of unit; the lower end of a range. The whole where it is told, else its phases added up.';
COMMENT ON COLUMN project_measures.phases IS 'Phases with a figure of their own.';
COMMENT ON COLUMN project_measures.event_id IS 'Mention of the figure, or of the latest phase.';

CREATE TABLE project_stages (
    project_no INTEGER NOT NULL,
    stage      VARCHAR,
    stages     VARCHAR[]
);
COMMENT ON TABLE project_stages IS 'How far each project has come.';
COMMENT ON COLUMN project_stages.project_no IS 'project_entities.project_no.';
COMMENT ON COLUMN project_stages.stage IS 'What was last told: announced, approved, tender, under_construction, completed, operating, idle, suspended, cancelled.';
COMMENT ON COLUMN project_stages.stages IS 'Stages told, each after its month.';
