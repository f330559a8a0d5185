-- Reading a record, and following the arrows of docs/states.md.
-- Needs: batch.

-- The fields of a record that transitions decide on; nil where the task has none, and nil for all when there is no record. What
-- stands in its place and is none is taken for nothing, or one damaged key would stop whoever goes through many. The scripts of the
-- hot path read only what they need, and name it.
local FIELDS = {'state', 'seq', 'queue', 'executor', 'priority', 'lane', 'entry', 'fence', 'worker', 'attempt', 'deaths', 'expires_at',
  'cancel_requested', 'watchers', 'doubts', 'kind', 'queued_at', 'started_at', 'batch', 'log_at', 'tenant'}
local function read(id, names)
  names = names or FIELDS
  local values = redis.pcall('HMGET', task_key(id), unpack(names))
  if not values[1] then return nil end
  local r = {}
  for i = 1, #names do r[names[i]] = values[i] or nil end
  if r.executor then r.line = line_of(r.queue, r.executor) end
  return r
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

local function drop(key, entry)
  defer('XACK', key, entry)
  defer('XDEL', key, entry)
end

local function dequeue(line, lane, entry) drop(lane_key(line, lane), entry) end
