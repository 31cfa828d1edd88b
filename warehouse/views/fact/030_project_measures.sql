-- Each measure of each project, planned and standing apart: the best source, then the latest word.
CREATE OR REPLACE VIEW project_measures AS
WITH told AS (
    SELECT s.project_no, s.phase, p.measure, p.unit, p.stage, p.amount, p.amount_max, p.bound, p.as_of,
        coalesce(p.as_of_from, p.told) AS day, p.tier_rank, p.told, p.event_id,
        CASE WHEN p.stage IN ('completed', 'operating', 'idle') THEN 'standing' ELSE 'planned' END AS standing
    FROM project_sources s JOIN stage_projects p USING (event_id)
),
best AS (
    SELECT *, row_number() OVER (PARTITION BY project_no, phase, measure, unit, standing ORDER BY tier_rank, day DESC, event_id) AS rank
    FROM told
),
phases AS (SELECT * FROM best WHERE rank = 1),
whole AS (
    SELECT project_no, measure, unit, standing,
        -- the whole where it is told, else its phases added up
        coalesce(max(amount) FILTER (phase IS NULL), sum(amount)) AS amount,
        count(*) FILTER (phase IS NOT NULL)::INTEGER AS phases,
        coalesce(arg_max(event_id, day) FILTER (phase IS NULL), arg_max(event_id, day)) AS event_id
    FROM phases
    GROUP BY ALL
)
SELECT * FROM whole;

COMMENT ON VIEW project_measures IS 'Each measure of each project, as planned and as standing: from the best source, there the latest word; the sum of its phases where the whole is not told.';
COMMENT ON COLUMN project_measures.standing IS 'planned (announced to under construction, or not said) or standing (completed, operating, idle).';
COMMENT ON COLUMN project_measures.amount IS 'Figure in units of unit; the lower end of a range.';
COMMENT ON COLUMN project_measures.phases IS 'Phases with a figure of their own.';
COMMENT ON COLUMN project_measures.event_id IS 'Mention of the figure, or of the latest phase.';
