-- What a guardian asks for its children many times a second: their leases are kept, whatever they have in hand, and it hears what
-- they are to stop. A lease is prolonged when a third of it is gone, so that most calls write nothing. ARGV: lease in ms, consumers.
-- Returns first those whose lease had ended: their tasks have been handed on, and their fences are stale. Then, for each of which
-- running tasks are to be cancelled, {consumer, id, …}. Who was told to rest may take tasks again when the time of that is over.
-- Needs: resting.
local now, lease_ms = now_ms(), tonumber(ARGV[1])
local lost, orders, living, marks = {}, {}, {}, {}

for i, ends in ipairs(redis.call('ZMSCORE', CONSUMERS, unpack(ARGV, 2))) do
  local consumer = ARGV[i + 1]
  if not ends then
    lost[#lost + 1] = consumer
  else
    local marked = ends % 1 > 0
    local rests, prolonged = marked and rests_by_order(consumer, now), ends - now <= lease_ms * 2 / 3
    if prolonged or rests ~= marked then
      redis.call('ZADD', CONSUMERS, lease_until(prolonged and now + lease_ms or ends, rests), consumer)
    end
    living[#living + 1] = consumer
    marks[#marks + 1] = consumer_key(consumer) .. ':cancelling'
  end
end

-- The marks of a task that has ended meanwhile are wiped here, where they are read, and not at every end of a task.
local function still_running(consumer, id)
  local r = redis.call('HMGET', task_key(id), 'state', 'worker')
  return r[1] == 'running' and r[2] == consumer
end

if #marks == 0 or redis.call('EXISTS', unpack(marks)) == 0 then return {lost} end
for i, consumer in ipairs(living) do
  local order = {consumer}
  for _, id in ipairs(redis.call('SMEMBERS', marks[i])) do
    if still_running(consumer, id) then order[#order + 1] = id else redis.call('SREM', marks[i], id) end
  end
  if #order > 1 then orders[#orders + 1] = order end
end
return {lost, unpack(orders)}
