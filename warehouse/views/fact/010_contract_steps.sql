-- A contract's events in one line.
CREATE OR REPLACE VIEW contract_steps AS
SELECT contract_no,
    string_agg(action || CASE status WHEN 'effective' THEN '' ELSE ' (' || status || ')' END || coalesce(' ' || event_date, ''),
        ' > ' ORDER BY event_no) AS steps,
    count(*) FILTER (status = 'effective' AND action = 'amended') AS amended,
    count(*) FILTER (status = 'effective' AND action = 'delayed') AS delayed,
    count(*) FILTER (status = 'effective' AND action = 'suspended') AS suspended,
    count(*) FILTER (status = 'effective' AND action = 'disputed') AS disputed,
    max(coalesce(event_to, first_told)) FILTER (status = 'effective') AS last_event
FROM contract_events
GROUP BY contract_no;

COMMENT ON VIEW contract_steps IS 'A contract''s events in one line and counted.';
COMMENT ON COLUMN contract_steps.steps IS 'Its events in their order: action, status unless effective, date.';
COMMENT ON COLUMN contract_steps.amended IS 'Amendments told as facts.';
COMMENT ON COLUMN contract_steps.delayed IS 'Delays told as facts.';
COMMENT ON COLUMN contract_steps.suspended IS 'Suspensions told as facts.';
COMMENT ON COLUMN contract_steps.disputed IS 'Disputes told as facts.';
COMMENT ON COLUMN contract_steps.last_event IS 'Last day the last fact can mean.';
