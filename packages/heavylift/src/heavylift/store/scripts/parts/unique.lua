-- Tasks of which there is to be one at a time. An index by their unique keys leads to them, and their records say whether they hold it:
-- so a key is free in the step that ends its task, and no such step has to know of it.
-- Needs: record, replicas.
local UNIQUE = {'state', 'submitted_at', 'kind', 'queue', 'traceparent', 'unique_while', 'unique_until'}
local WAITING = {scheduled = true, queued = true}

local function holds(r, now)
  if r.unique_while == 'ttl' then return now < tonumber(r.unique_until) end
  return (r.unique_while == 'queued' and WAITING or LIVE)[r.state]
end

-- The task that holds the key of this submission, as `submit` returns it, else nil. The newest that there is decides.
local function holder(terms, durability, now)
  if not terms.unique then return nil end
  flush()  -- it may have come with this very call
  for _, id in ipairs(redis.call('ZREVRANGE', index_key('unique', terms.unique.name), 0, -1)) do
    local r = read(id, UNIQUE)
    if r then
      if not holds(r, now) then return nil end
      confirmed_again(durability)
      return {r.state, r.submitted_at, 'existing', id, r.kind, r.queue, r.traceparent or '', 1}
    end
  end
end

-- Let a new task hold its key. Two in an index would do; more are trimmed as in any other.
local function hold(terms, seq, id, now, keep)
  local unique = terms.unique
  if not unique then return end
  index('unique', unique.name, seq, id, 1)
  keep('unique_while', unique.held_while)
  if unique.held_while == 'ttl' then keep('unique_until', int(now + unique.ttl_ms)) end
end
