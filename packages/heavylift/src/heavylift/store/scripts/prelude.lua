-- What every script shares; it is put in front of each. KEYS[1] is the partition, such as "heavylift:{p0}", and every other key
-- begins with it, so all of them live in one slot of a Redis Cluster. Times are Redis' own, in milliseconds since the epoch:
-- the clocks of workers and of the API do not matter.
local P = KEYS[1]

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function int(n) return string.format('%.0f', n) end

local function task_key(id) return P .. ':task:' .. id end
local function lane_key(queue, lane) return P .. ':queue:' .. queue .. ':' .. lane end
local function index_key(by, value) return P .. ':index:' .. by .. ':' .. value end
local function consumer_key(name) return P .. ':consumer:' .. name end

local CONSUMERS = P .. ':consumers'  -- sorted set: consumer → when its lease ends
local SCHEDULED = P .. ':scheduled'  -- sorted set: task → when it is due
local EXPIRING = P .. ':expiring'    -- sorted set: task → when it is too late to start it
local QUEUES = P .. ':queues'        -- set of every queue that was ever submitted to or served
local GROUP = 'workers'

-- A queue's streams in the order in which they are read. What came back from a dead or stopping worker waited longest: it goes first.
local LANES = {'returned', 'high', 'normal', 'low'}

local function count(queue, what, n) redis.call('HINCRBY', P .. ':counters:' .. queue, what, n) end

-- Follow one arrow of docs/states.md. The caller has just read that the record is in state `from`. The index of a live state is
-- always complete; those of ended states belong to `ended`, which bounds them.
local LIVE = {scheduled = true, queued = true, running = true}
local function move(id, seq, from, to, ...)
  redis.call('HSET', task_key(id), 'state', to, ...)
  redis.call('ZREM', index_key('state', from), id)
  if LIVE[to] then redis.call('ZADD', index_key('state', to), seq, id) end
end

-- Put a task that is not in any stream into one. Returns the entry's id, which belongs into the record: an entry that its record
-- does not name is a stale pointer and is dropped by whoever reads it.
local function enqueue(id, queue, lane)
  return redis.call('XADD', lane_key(queue, lane), '*', 'id', id)
end

local function dequeue(queue, lane, entry)
  local stream = lane_key(queue, lane)
  redis.call('XACK', stream, GROUP, entry)
  redis.call('XDEL', stream, entry)
end

-- Add a task to an index that holds the newest `limit` tasks, and up to 64 more so that most calls need not remove any. It counts
-- the index itself: taking every 64th seq instead would never trim a kind that is submitted in step with another one.
local function index(by, value, seq, id, limit)
  if limit == 0 then return end
  local key = index_key(by, value)
  redis.call('ZADD', key, seq, id)
  if redis.call('ZCARD', key) > limit + 64 then redis.call('ZREMRANGEBYRANK', key, 0, -(limit + 1)) end
end

-- What every end of a task has in common, after its move: it leaves the waiting rooms, its record lives on for the retention, it
-- is counted, and who waits for it is told.
local function ended(id, r, to, retention_ms, index_limit)
  redis.call('PEXPIRE', task_key(id), retention_ms)
  if r.expires_at then redis.call('ZREM', EXPIRING, id) end
  index('state', to, r.seq, id, index_limit)
  count(r.queue, to, 1)
  if r.watchers then
    for channel in string.gmatch(r.watchers, '[^ ]+') do redis.call('PUBLISH', channel, id) end
  end
end

-- The fields of a record that transitions decide on; nil where the task has none, and nil for all when there is no record.
local FIELDS = {'state', 'seq', 'queue', 'priority', 'lane', 'entry', 'fence', 'worker', 'attempt', 'deaths', 'expires_at',
  'cancel_requested', 'watchers'}
local function read(id)
  local values = redis.call('HMGET', task_key(id), unpack(FIELDS))
  if not values[1] then return nil end
  local r = {}
  for i, name in ipairs(FIELDS) do r[name] = values[i] or nil end
  return r
end

-- Whether a task was to start by a time that has passed. One that a worker has held before did start, and does not expire.
local function too_late(r, now)
  return r.expires_at and r.fence == '0' and tonumber(r.expires_at) <= now
end

local function expire(id, r, now, retention_ms, index_limit)
  if r.state == 'queued' then
    dequeue(r.queue, r.lane, r.entry)
    move(id, r.seq, 'queued', 'expired', 'ended_at', int(now))
  else
    redis.call('ZREM', SCHEDULED, id)
    move(id, r.seq, 'scheduled', 'expired', 'ended_at', int(now))
  end
  ended(id, r, 'expired', retention_ms, index_limit)
end

-- Take a running task out of the hands of `r.worker` and put it first in its queue.
local function requeue(id, r, now, ...)
  dequeue(r.queue, r.lane, r.entry)
  local entry = enqueue(id, r.queue, 'returned')
  move(id, r.seq, 'running', 'queued', 'lane', 'returned', 'entry', entry, 'queued_at', int(now), 'worker', '', ...)
end

-- End what a consumer holds: `blame` is '1' when its death may be the fault of what it ran. Returns {requeued, buried}: ids.
-- It looks into every queue, because a consumer may hold entries of queues that its registration does not name, or not any more.
local function hand_on(consumer, blame, max_deaths, cause, now, retention_ms, index_limit)
  local requeued, buried = {}, {}
  for _, queue in ipairs(redis.call('SMEMBERS', QUEUES)) do
    for _, lane in ipairs(LANES) do
      local stream = lane_key(queue, lane)
      while true do
        local pending = redis.pcall('XPENDING', stream, GROUP, '-', '+', 128, consumer)
        if pending.err or #pending == 0 then break end
        for _, p in ipairs(pending) do
          local found = redis.call('XRANGE', stream, p[1], p[1])
          local id = found[1] and found[1][2][2]
          local r = id and read(id)
          if not r or r.entry ~= p[1] then
            dequeue(queue, lane, p[1])
          elseif r.state == 'queued' then  -- read by this consumer and not yet claimed
            dequeue(queue, lane, p[1])
            redis.call('HSET', task_key(id), 'lane', 'returned', 'entry', enqueue(id, queue, 'returned'))
            requeued[#requeued + 1] = id
          else
            local deaths = tonumber(r.deaths) + tonumber(blame)
            if r.cancel_requested then
              dequeue(queue, lane, p[1])
              move(id, r.seq, 'running', 'cancelled', 'ended_at', int(now), 'deaths', deaths)
              ended(id, r, 'cancelled', retention_ms, index_limit)
              buried[#buried + 1] = id
            elseif deaths >= max_deaths then
              local message = 'quarantined: ' .. deaths .. ' workers died while they ran this task; the last: ' .. cause
              dequeue(queue, lane, p[1])
              move(id, r.seq, 'running', 'failed', 'ended_at', int(now), 'deaths', deaths, 'error', cjson.encode({
                type = 'WorkerLost', message = message, retryable = false, traceback = cjson.null, details = {{cause = cause}}}))
              ended(id, r, 'failed', retention_ms, index_limit)
              buried[#buried + 1] = id
            else
              requeue(id, r, now, 'deaths', deaths)
              requeued[#requeued + 1] = id
            end
          end
        end
      end
      redis.pcall('XGROUP', 'DELCONSUMER', stream, GROUP, consumer)
    end
  end
  redis.call('DEL', consumer_key(consumer))
  redis.call('ZREM', CONSUMERS, consumer)
  return {requeued, buried}
end
