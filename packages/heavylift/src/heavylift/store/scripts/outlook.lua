-- What a task has before it. ARGV: id, how many tasks ahead, and consumers, are counted at most, names of the fields. Returns {now, values
-- of the fields, tasks ahead, running in its line, consumers that read the line, those of them that rest, what is to be said
-- of the pause of its queue, attempts at such tasks that have ended, microseconds that these ran}, or nothing when there is no such task.
-- Needs: looks, pausing, record, resting, runs.
local id, most = ARGV[1], tonumber(ARGV[2])
local now = now_ms()
local values = redis.call('HMGET', task_key(id), unpack(ARGV, 3))
if not values[1] then return false end
local r = read(id, {'state', 'queue', 'executor', 'priority', 'lane', 'entry'})

-- Of its own lane those that came before it, of the lanes before that all. Those behind take turns too, which is left out.
local function ahead()
  local count, running, passed = 0, 0, r.state ~= 'queued' and r.state ~= 'scheduled'
  for _, lane in ipairs(LANES) do
    local stream = lane_key(r.line, lane)
    local look = look_into(stream)
    running = running + look.running
    if not passed and lane == (r.state == 'queued' and r.lane or r.priority) then
      passed = true
      if r.state == 'queued' then look.ready = #redis.call('XRANGE', stream, look.after, '(' .. r.entry, 'COUNT', most) end
      count = count + look.ready
    elseif not passed then
      count = count + look.ready
    end
  end
  return math.min(count, most), running
end

local function contains(list, wanted)
  for _, value in ipairs(cjson.decode(list or '[]')) do
    if value == wanted then return true end
  end
  return false
end

local function serving()
  local reading, resting = 0, 0
  for _, consumer in ipairs(redis.call('ZRANGEBYSCORE', CONSUMERS, int(now), '+inf', 'LIMIT', 0, most)) do
    local about = redis.call('HMGET', consumer_key(consumer), 'queues', 'executors')
    if contains(about[1], r.queue) and contains(about[2], r.executor) then
      reading = reading + 1
      if rests_by_order(consumer, now) then resting = resting + 1 end
    end
  end
  return reading, resting
end

local function runs()
  local attempts, us, told = 0, 0, redis.call('HGETALL', runs_key(r.queue))
  for i = 1, #told, 2 do
    local what, executor = string.match(told[i], '^(%a+):(%a+):')
    if executor == r.executor and what == 'attempts' then attempts = attempts + told[i + 1] end
    if executor == r.executor and what == 'us' then us = us + told[i + 1] end
  end
  return int(attempts), int(us)
end

local before, running = ahead()
local reading, resting = serving()
return {int(now), values, before, running, reading, resting, pause_of(r.queue, now), runs()}
