-- All schedules, or those of one tenant, without their payloads. ARGV: reach. Returns {now, schedules …}.
-- Needs: schedules.
local reply, tenant = {int(now_ms())}, string.sub(ARGV[1], 2)
for _, place in ipairs(redis.call('ZRANGE', SCHEDULES, 0, -1)) do
  if ARGV[1] == '' or string.match(place, '^[^/]*') == tenant then reply[#reply + 1] = schedule_told(place, false) end
end
return reply
