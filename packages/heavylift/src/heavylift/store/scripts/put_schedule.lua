-- A schedule comes to be, or becomes another. ARGV: place, definition, payload, kind, queue, executor, when it comes next in ms or '', ms
-- between that and the one after it, the version that is known ('' any, 0 none), schedules at most.
-- Returns {put | changed | full, and the schedule, where it is put}. Asked for again, it is put already.
-- Needs: schedules.
local place, definition, payload, next_at, known = ARGV[1], ARGV[2], ARGV[3], ARGV[7], ARGV[9]
local key, now = schedule_key(place), int(now_ms())
local k = redis.call('HMGET', key, 'version', 'definition', 'payload', 'next_at')
if k[1] and k[2] == definition and k[3] == payload and k[4] == next_at then return {'put', schedule_told(place, true)} end
if known ~= '' and known ~= (k[1] or '0') then return {'changed'} end
if not k[1] and redis.call('ZCARD', SCHEDULES) >= tonumber(ARGV[10]) then return {'full'} end

redis.call('HSET', key, 'definition', definition, 'payload', payload, 'kind', ARGV[4], 'queue', ARGV[5], 'executor', ARGV[6],
  'version', next_version(k[1]), 'changed_at', now)
redis.call('HSETNX', key, 'created_at', now)
come_next(place, next_at, ARGV[8])
redis.call('PUBLISH', SCHEDULES_CHANGED, place)
return {'put', schedule_told(place, true)}
