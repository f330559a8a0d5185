-- What has come, the longest ago first. ARGV: schedules at most. Returns {now, ms until the next one that has not come or -1,
-- schedules …}.
-- Needs: schedules.
local now = now_ms()
local next_one = redis.call('ZRANGEBYSCORE', SCHEDULES, '(' .. int(now), '(+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local reply = {int(now), next_one[2] and int(tonumber(next_one[2]) - now) or -1}
for _, place in ipairs(redis.call('ZRANGEBYSCORE', SCHEDULES, '-inf', int(now), 'LIMIT', 0, ARGV[1])) do
  reply[#reply + 1] = schedule_told(place, true)
end
return reply
