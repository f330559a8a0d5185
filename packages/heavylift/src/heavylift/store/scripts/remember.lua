-- Running tasks leave something in their records, and stay running: how far they are, where to go on, which effects are done.
-- ARGV: four values for each: id, fence, field, value as JSON. Each progress is given its place among all that the task says.
-- Returns per value 1, or 0 when the fence is stale.
-- Needs: stir.
local replies = {}
for i = 1, #ARGV, 4 do
  local id, fence, field, value = unpack(ARGV, i, i + 3)
  local key = task_key(id)
  local held = redis.call('HMGET', key, 'state', 'fence', 'watchers')
  local holds = held[1] == 'running' and held[2] == fence
  if holds then
    redis.call('HSET', key, field, value)
    if field == 'progress' then
      redis.call('HSET', key, 'progress_at', fence .. '-0-' .. redis.call('HINCRBY', key, 'progressed', 1))
      stir(id, held[3])
    end
  end
  replies[#replies + 1] = holds and 1 or 0
end
return replies
