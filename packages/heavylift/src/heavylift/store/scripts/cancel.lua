-- scheduled | queued → cancelled, running stays and is asked to end. ARGV: id, reach, how much is kept.
-- Returns the state that the task is in now, with 1 when this call asked or moved, or nothing when there is no such task.
-- Needs: calling_off, tenants.
if not reaches(ARGV[2], ARGV[1]) then return false end
local state, changed = call_off(ARGV[1], now_ms(), keeping(3))
return state and {state, changed}
