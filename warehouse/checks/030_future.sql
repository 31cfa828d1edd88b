-- Nothing has happened that was not yet told: no fact dated after its document, nor after today.
-- (A day's grace: an evening filing carries the date of the next day.)
SELECT event_id, action, event_date
FROM stage_contracts
WHERE status = 'effective' AND event_from > coalesce(published, current_date) + 1
LIMIT 20
