-- A schedule goes; its tasks stay. ARGV: place, the version that is known or '' for any.
-- Returns {dropped | changed | none, and the schedule as it was, where it is dropped}.
-- Needs: schedules.
local told = schedule_told(ARGV[1], true)
if not told then return {'none'} end
if ARGV[2] ~= '' and ARGV[2] ~= told[2][2] then return {'changed'} end
redis.call('ZREM', SCHEDULES, ARGV[1])
redis.call('UNLINK', schedule_key(ARGV[1]))
redis.call('PUBLISH', SCHEDULES_CHANGED, ARGV[1])
return {'dropped', told}
