-- What has been kept for its time goes, and names that nobody uses any more. ARGV: how many of each sort at most, how long dead
-- letters are kept in ms, how much is kept, the beat of
-- pulses in ms.
-- Returns {dead letters that were kept for their time, dead letters dropped beyond the limit, indexes, queues, 1 when there is more}.
-- Needs: dead, pausing, pulse, runs.
local most, dead_retention_ms, keep = tonumber(ARGV[1]), tonumber(ARGV[2]), keeping(3)
local now = now_ms()
local idle_since = int(now - keep.retention_ms)
local more = false

local function delete_all(ids, what)
  local deleted = 0
  for _, id in ipairs(ids) do deleted = deleted + (delete(id, what) and 1 or 0) end
  more = more or #ids == most
  return deleted
end

local function sweep_dead()
  local old = int((now - dead_retention_ms) * 1000)
  local lapsed = delete_all(redis.call('ZRANGEBYSCORE', DEAD, '-inf', old, 'LIMIT', 0, most), 'lapsed')
  local extra = math.min(most, redis.call('ZCARD', DEAD) - keep.dead_limit)
  return lapsed, extra > 0 and delete_all(redis.call('ZRANGE', DEAD, 0, extra - 1), 'dropped') or 0
end

-- An index by a tag, a kind, a queue or a batch goes with the last record in it, and a batch with its index. Its oldest entries are looked at, once in a retention: as
-- soon as one of them is still there, there is nothing to hurry.
local LOOKED_AT = 256

local function sweep_index(name)
  local key, gone = P .. ':index:' .. name, {}
  local oldest = redis.call('ZRANGE', key, 0, LOOKED_AT - 1)
  for _, id in ipairs(oldest) do
    if redis.call('EXISTS', task_key(id)) == 0 then gone[#gone + 1] = id end
  end
  if #gone > 0 then redis.call('ZREM', key, unpack(gone)) end
  if #gone < #oldest then
    redis.call('ZADD', INDEXES, int(now), name)
  elseif #oldest < LOOKED_AT then
    redis.call('ZREM', INDEXES, name)
    if string.find(name, '^batch:') then redis.call('UNLINK', P .. ':' .. name, P .. ':ends:' .. string.sub(name, 7)) end
    return #oldest, 1
  end
  return #oldest, 0
end

local function sweep_indexes()
  local looked, swept = 0, 0
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', INDEXES, '-inf', idle_since, 'LIMIT', 0, most)) do
    local n, removed = sweep_index(name)
    looked, swept = looked + n + 1, swept + removed
    if looked >= 4 * most then break end
  end
  more = more or looked >= most
  return swept
end

-- Whether a task of this queue waits, also for its time, or runs: as many as began and did not end.
local function has_work(queue)
  local came, gone = passed(queue)
  if came > gone then return true end
  for _, executor in ipairs(EXECUTORS) do
    for _, lane in ipairs(LANES) do
      if redis.call('XLEN', lane_key(line_of(queue, executor), lane)) > 0 then return true end
    end
  end
  return false
end

local function served()
  local queues = {}
  for _, consumer in ipairs(redis.call('ZRANGE', CONSUMERS, 0, -1)) do
    for _, queue in ipairs(cjson.decode(redis.call('HGET', consumer_key(consumer), 'queues') or '[]')) do queues[queue] = true end
  end
  return queues
end

local function forget_queue(queue)
  local keys = {P .. ':counters:' .. queue, runs_key(queue), pulse_key(queue)}
  for _, executor in ipairs(EXECUTORS) do
    for _, lane in ipairs(LANES) do keys[#keys + 1] = lane_key(line_of(queue, executor), lane) end
  end
  redis.call('UNLINK', unpack(keys))
  redis.call('ZREM', QUEUES, queue)
end

local function sweep_queues()
  local idle, swept = redis.call('ZRANGEBYSCORE', QUEUES, '-inf', idle_since, 'LIMIT', 0, most), 0
  local busy = #idle > 0 and served()
  for _, queue in ipairs(idle) do
    if busy[queue] or has_work(queue) or redis.call('ZSCORE', PAUSED, queue) or redis.call('HEXISTS', LIMITS, queue) == 1 then
      redis.call('ZADD', QUEUES, minute(now), queue)
    else
      forget_queue(queue)
      swept = swept + 1
    end
  end
  more = more or #idle == most
  return swept
end

-- So that whoever asks how fast a queue moves need not wait to see it.
local function feel_pulses()
  for _, queue in ipairs(redis.call('ZRANGEBYSCORE', QUEUES, int(now - 600000), '+inf', 'LIMIT', 0, most)) do
    local came, gone = passed(queue)
    pulse(queue, came, gone, now, tonumber(ARGV[6]))
  end
end

local lapsed, dropped = sweep_dead()
flush()  -- what died is counted before the counters are looked at
feel_pulses()
return {lapsed, dropped, sweep_indexes(), sweep_queues(), more and 1 or 0}
