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
local function line_of(queue, executor) return queue .. ':' .. executor end
local function lane_key(line, lane) return P .. ':queue:' .. line .. ':' .. lane end
local function index_key(by, value) return P .. ':index:' .. by .. ':' .. value end
local function consumer_key(name) return P .. ':consumer:' .. name end

local CONSUMERS = P .. ':consumers'  -- sorted set: consumer → when its lease ends
local SCHEDULED = P .. ':scheduled'  -- sorted set: task → when it is due
local EXPIRING = P .. ':expiring'    -- sorted set: task → when it is too late to start it
local QUEUES = P .. ':queues'        -- set of every queue that was ever submitted to or served
local GROUP = 'workers'

-- A queue has a line for each kind of child, and a line has four lanes.
local EXECUTORS = {'process', 'threads', 'asyncio'}

-- A line's streams in the order in which they are read. What came back from a dead or stopping worker waited longest: it goes first.
local LANES = {'returned', 'high', 'normal', 'low'}

-- Call `visit(line, lane)` for every stream there may be.
local function each_lane(visit)
  for _, queue in ipairs(redis.call('SMEMBERS', QUEUES)) do
    for _, executor in ipairs(EXECUTORS) do
      for _, lane in ipairs(LANES) do visit(line_of(queue, executor), lane) end
    end
  end
end

-- What the tasks of one call do to the same keys is done for all of them together, by `flush`, which the loader of scripts puts at
-- their end: a command for a hundred members costs little more than one for a single member. A script that wants to read what it
-- has put off flushes before.
local put_off, in_order, counts, bounds = {}, {}, {}, {}

-- Put off a command that takes any number of members, for one of them, or for a score and its member.
local function defer(command, key, member, scored)
  local keys = put_off[command]
  if not keys then keys = {}; put_off[command] = keys end
  local args = keys[key]
  if not args then
    args = command == 'XACK' and {command, key, GROUP} or {command, key}
    args.first = #args + 1
    keys[key] = args
    in_order[#in_order + 1] = args
  end
  args[#args + 1] = member
  if scored then args[#args + 1] = scored end
end

local function count(queue, what)
  local key = P .. ':counters:' .. queue
  counts[key] = counts[key] or {}
  counts[key][what] = (counts[key][what] or 0) + 1
end

local function flush()
  for _, args in ipairs(in_order) do
    for first = args.first, #args, 1000 do  -- Lua's stack bounds what one call can take; 1000 keeps pairs together
      local last = math.min(first + 999, #args)
      if args.first == 4 then
        redis.call(args[1], args[2], args[3], unpack(args, first, last))
      else
        redis.call(args[1], args[2], unpack(args, first, last))
      end
    end
  end
  for key, limit in pairs(bounds) do
    if redis.call('ZCARD', key) > limit + 64 then redis.call('ZREMRANGEBYRANK', key, 0, -(limit + 1)) end
  end
  for key, whats in pairs(counts) do
    for what, n in pairs(whats) do redis.call('HINCRBY', key, what, n) end
  end
  put_off, in_order, counts, bounds = {}, {}, {}, {}
end

-- Follow one arrow of docs/states.md. The caller has just read that the record is in state `from`. The index of a live state is
-- always complete; those of ended states belong to `ended`, which bounds them.
local LIVE = {scheduled = true, queued = true, running = true}
local function move(id, seq, from, to, ...)
  redis.call('HSET', task_key(id), 'state', to, ...)
  defer('ZREM', index_key('state', from), id)
  if LIVE[to] then defer('ZADD', index_key('state', to), seq, id) end
end

-- Put a task that is not in any stream into one. Returns the entry's id, which belongs into the record: an entry that its record
-- does not name is a stale pointer and is dropped by whoever reads it.
local function enqueue(id, line, lane)
  return redis.call('XADD', lane_key(line, lane), '*', 'id', id)
end

local function dequeue(line, lane, entry)
  local stream = lane_key(line, lane)
  defer('XACK', stream, entry)
  defer('XDEL', stream, entry)
end

-- Add a task to an index that holds the newest `limit` tasks, and up to 64 more so that most calls need not remove any. It counts
-- the index itself: taking every 64th seq instead would never trim a kind that is submitted in step with another one.
local function index(by, value, seq, id, limit)
  if limit == 0 then return end
  local key = index_key(by, value)
  defer('ZADD', key, seq, id)
  bounds[key] = limit
end

-- What every end of a task has in common, after its move: it leaves the waiting rooms, its record lives on for the retention, it
-- is counted, and who waits for it is told.
local function ended(id, r, to, retention_ms, index_limit)
  redis.call('PEXPIRE', task_key(id), retention_ms)
  if r.expires_at then defer('ZREM', EXPIRING, id) end
  index('state', to, r.seq, id, index_limit)
  count(r.queue, to)
  if r.watchers then
    for channel in string.gmatch(r.watchers, '[^ ]+') do redis.call('PUBLISH', channel, id) end
  end
end

-- The fields of a record that transitions decide on; nil where the task has none, and nil for all when there is no record. The
-- scripts of the hot path read only what they need, and name it.
local FIELDS = {'state', 'seq', 'queue', 'executor', 'priority', 'lane', 'entry', 'fence', 'worker', 'attempt', 'deaths', 'expires_at',
  'cancel_requested', 'watchers', 'doubts'}
local function read(id, names)
  names = names or FIELDS
  local values = redis.call('HMGET', task_key(id), unpack(names))
  if not values[1] then return nil end
  local r = {}
  for i = 1, #names do r[names[i]] = values[i] or nil end
  r.line = line_of(r.queue, r.executor)
  return r
end

-- Whether a task was to start by a time that has passed. One that a worker has held before did start, and does not expire.
local function too_late(r, now)
  return r.expires_at and r.fence == '0' and tonumber(r.expires_at) <= now
end

local function expire(id, r, now, retention_ms, index_limit)
  if r.state == 'queued' then
    dequeue(r.line, r.lane, r.entry)
    move(id, r.seq, 'queued', 'expired', 'ended_at', int(now))
  else
    defer('ZREM', SCHEDULED, id)
    move(id, r.seq, 'scheduled', 'expired', 'ended_at', int(now))
  end
  ended(id, r, 'expired', retention_ms, index_limit)
end

-- Take a running task out of the hands of `r.worker` and put it first in its queue.
local function requeue(id, r, now, line, ...)
  dequeue(r.line, r.lane, r.entry)
  local entry = enqueue(id, line, 'returned')
  move(id, r.seq, 'running', 'queued', 'lane', 'returned', 'entry', entry, 'queued_at', int(now), 'worker', '', ...)
end

-- The same for a task that its worker gives back unharmed; one whose cancellation was asked for ends instead.
local function give_back(id, r, now, retention_ms, index_limit)
  if not r.cancel_requested then return requeue(id, r, now, r.line) end
  dequeue(r.line, r.lane, r.entry)
  move(id, r.seq, 'running', 'cancelled', 'ended_at', int(now))
  ended(id, r, 'cancelled', retention_ms, index_limit)
end

-- Everything that Redis has pending for a consumer: {queue, lane, entry, id, record}, stale pointers dropped on the way.
-- It looks into every queue, because a consumer may hold entries of queues that its registration does not name, or not any more.
local function held_by(consumer)
  local held = {}
  each_lane(function(line, lane)
    local stream, after = lane_key(line, lane), '-'
    while true do
      local pending = redis.pcall('XPENDING', stream, GROUP, after, '+', 128, consumer)
      if pending.err or #pending == 0 then return end
      for _, p in ipairs(pending) do
        local found = redis.call('XRANGE', stream, p[1], p[1])
        local id = found[1] and found[1][2][2]
        local r = id and read(id)
        if r and r.entry == p[1] then
          held[#held + 1] = {line = line, lane = lane, entry = p[1], id = id, r = r}
        else
          dequeue(line, lane, p[1])
        end
      end
      after = '(' .. pending[#pending][1]
    end
  end)
  return held
end

-- Put back what a consumer's blocking read has taken and it has not claimed.
local function put_back(h)
  dequeue(h.line, h.lane, h.entry)
  redis.call('HSET', task_key(h.id), 'lane', 'returned', 'entry', enqueue(h.id, h.line, 'returned'))
end

local function quarantine(h, deaths, cause, now, retention_ms, index_limit)
  local message = 'quarantined: ' .. deaths .. ' workers died while they ran this task; the last: ' .. cause
  dequeue(h.line, h.lane, h.entry)
  move(h.id, h.r.seq, 'running', 'failed', 'ended_at', int(now), 'deaths', deaths, 'error', cjson.encode({
    type = 'WorkerLost', message = message, retryable = false, traceback = cjson.null, details = {{cause = cause}}}))
  ended(h.id, h.r, 'failed', retention_ms, index_limit)
end

-- End a consumer and what it holds. With `blame` '1' its death counts against the task that it ran, `ran`. When nobody knows which
-- that was and it held several, none is blamed, but their doubts are counted: a whole node may have gone, which says nothing of
-- what it ran. One with two doubts is suspect: from then on a child of kind process runs it, and claims it alone, so that the next
-- death is clear. (A suspect in hand at a death of which nobody knows more is blamed.) Returns {requeued, buried}: ids.
local SUSPECT = 2
local function is_suspect(r) return tonumber(r.doubts or 0) >= SUSPECT end

local function hand_on(consumer, blame, ran, max_deaths, cause, now, retention_ms, index_limit)
  local requeued, buried, running = {}, {}, {}
  for _, h in ipairs(held_by(consumer)) do
    if h.r.state == 'queued' then
      put_back(h)
      requeued[#requeued + 1] = h.id
    else
      running[#running + 1] = h
    end
  end
  if ran == '' and #running == 1 then ran = running[1].id end
  local unclear = blame == '1' and ran == ''
  for _, h in ipairs(running) do
    local blamed = blame == '1' and ran == h.id or unclear and is_suspect(h.r)
    local deaths = tonumber(h.r.deaths) + (blamed and 1 or 0)
    if h.r.cancel_requested then
      dequeue(h.line, h.lane, h.entry)
      move(h.id, h.r.seq, 'running', 'cancelled', 'ended_at', int(now), 'deaths', deaths)
      ended(h.id, h.r, 'cancelled', retention_ms, index_limit)
      buried[#buried + 1] = h.id
    elseif blamed and deaths >= max_deaths then
      quarantine(h, deaths, cause, now, retention_ms, index_limit)
      buried[#buried + 1] = h.id
    else
      local doubts = tonumber(h.r.doubts or 0) + (unclear and 1 or 0)
      if doubts >= SUSPECT then
        requeue(h.id, h.r, now, line_of(h.r.queue, 'process'), 'deaths', deaths, 'doubts', doubts, 'executor', 'process')
      elseif unclear then
        requeue(h.id, h.r, now, h.r.line, 'deaths', deaths, 'doubts', doubts)
      else
        requeue(h.id, h.r, now, h.r.line, 'deaths', deaths)
      end
      requeued[#requeued + 1] = h.id
    end
  end
  each_lane(function(line, lane) redis.pcall('XGROUP', 'DELCONSUMER', lane_key(line, lane), GROUP, consumer) end)
  redis.call('DEL', consumer_key(consumer))
  redis.call('ZREM', CONSUMERS, consumer)
  return {requeued, buried}
end
