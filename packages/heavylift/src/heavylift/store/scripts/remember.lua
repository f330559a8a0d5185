-- Running tasks leave something in their records, and stay running: how far they are, where to go on, which effects are done.
-- ARGV: four values for each: id, fence, field, value as JSON. Returns per value 1, or 0 when the fence is stale.
local replies = {}
for i = 1, #ARGV, 4 do
  local key = task_key(ARGV[i])
  local held = redis.call('HMGET', key, 'state', 'fence')
  local holds = held[1] == 'running' and held[2] == ARGV[i + 1]
  if holds then redis.call('HSET', key, ARGV[i + 2], ARGV[i + 3]) end
  replies[#replies + 1] = holds and 1 or 0
end
return replies
