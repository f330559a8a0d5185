-- Dead letters: tasks that ended as failed, until they are replayed or discarded.
-- Needs: ends, history.

local DEAD = P .. ':dead'                -- sorted set: task → when it died, in µs, no two the same, so that it is a place to go on
local DEAD_GROUPS = P .. ':dead:groups'  -- sorted set: group → how many are in it
local DEAD_COUNTS = P .. ':dead:counts'  -- hash: reason and queue → how many

-- The fields that a dead letter is found by, which are those of its group.
local FOUND_BY = {'kind', 'queue', 'reason', 'fingerprint', 'tenant'}

local function group_of(r) return cjson.encode({r.kind, r.queue, r.reason, r.fingerprint, r.tenant or ''}) end
local function group_key(group) return P .. ':dead:group:' .. group end  -- sorted set, a part of DEAD

local function leave_group(id, group)
  redis.call('ZREM', DEAD, id)
  redis.call('ZREM', group_key(group), id)
  if tonumber(redis.call('ZINCRBY', DEAD_GROUPS, -1, group)) <= 0 then redis.call('ZREM', DEAD_GROUPS, group) end
end

local function exhume(id, r)
  local place = r.reason .. ':' .. r.queue
  leave_group(id, group_of(r))
  if redis.call('HINCRBY', DEAD_COUNTS, place, -1) <= 0 then redis.call('HDEL', DEAD_COUNTS, place) end
end

-- Delete a dead letter and count that as `what`. Returns false when it is none.
local function delete(id, what)
  local r = read(id, {'state', 'queue', 'kind', 'reason', 'fingerprint', 'tenant', 'tags', 'batch'})
  if not r then redis.call('ZREM', DEAD, id) end  -- somebody has deleted it by hand
  if not r or r.state ~= 'failed' then return false end
  exhume(id, r)
  redis.call('UNLINK', task_key(id), history_key(id), log_key(id))
  local indexes = {{'state', 'failed'}, {'all', ''}, {'kind', r.kind}, {'queue', r.queue}}
  if r.tenant then indexes[#indexes + 1] = {'tenant', r.tenant} end
  for _, tag in ipairs(r.tags and cjson.decode(r.tags) or {}) do indexes[#indexes + 1] = {'tag', tag} end
  if r.batch then indexes[#indexes + 1] = {'batch', r.batch} end
  for _, place in ipairs(indexes) do defer('ZREM', index_key(unpack(place)), id) end
  count(r.queue, what)
  return true
end

-- What `ended` does, for a task that ends as failed; `r` has the kind, the reason, the fingerprint and the tenant, too. Its record has
-- no time to live: it goes by `sweep`, or as the oldest when there are too many.
local function died(id, r, now, keep)
  over(id, r, 'failed', keep)
  local newest = redis.call('ZREVRANGE', DEAD, 0, 0, 'WITHSCORES')[2]
  local moment, group = int(math.max(now * 1000, tonumber(newest or 0) + 1)), group_of(r)
  redis.call('ZADD', DEAD, moment, id)
  redis.call('ZADD', group_key(group), moment, id)
  redis.call('ZINCRBY', DEAD_GROUPS, 1, group)
  redis.call('HINCRBY', DEAD_COUNTS, r.reason .. ':' .. r.queue, 1)
  -- Two at most for one that comes, so that a limit that was lowered is reached step by step.
  local extra = math.min(2, redis.call('ZCARD', DEAD) - keep.dead_limit)
  for _, oldest in ipairs(extra > 0 and redis.call('ZRANGE', DEAD, 0, extra - 1) or {}) do delete(oldest, 'dropped') end
end
