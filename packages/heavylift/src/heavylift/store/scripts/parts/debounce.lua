-- Tasks that wait until nobody has asked for them for a while. An index by their keys leads to them, as to those of which there is one.
-- Needs: record, replicas, stir.
local QUIET = {'state', 'fence', 'submitted_at', 'kind', 'queue', 'traceparent', 'due_at', 'watchers', 'debounced_by', 'debounce_until'}

-- The task that waits in this way for the key of a submission, with what is known of it, else nil.
local function quiet_one(terms, now)
  if not terms.debounce then return nil end
  flush()  -- it may have come with this very call
  local id = redis.call('ZREVRANGE', index_key('debounce', terms.debounce.name), 0, 0)[1]
  local r = id and read(id, QUIET)
  if r and r.state == 'scheduled' and r.fence == '0' and tonumber(r.due_at) > now then return id, r end
end

-- It is asked for again, by the submission with the id `by`: it takes on what that carries and waits anew, but for no longer than it may.
-- Returns it as `submit` does, or nil. The same submission, sent again, changes nothing.
local function ask_again(terms, durability, now, by, form, payload, headers)
  local id, r = quiet_one(terms, now)
  if not id then return nil end
  if r.debounced_by ~= by then
    local due = now + terms.debounce.quiet_ms
    if r.debounce_until then due = math.min(due, tonumber(r.debounce_until)) end
    redis.call('HSET', task_key(id), 'form', form, 'payload', payload, 'headers', headers, 'due_at', int(due), 'debounced_by', by)
    defer('ZADD', SCHEDULED, int(due), id)
    stir(id, r.watchers)
  end
  confirmed_again(durability)
  return {r.state, r.submitted_at, 'existing', id, r.kind, r.queue, r.traceparent or '', 2}
end

local function wait_quietly(terms, seq, id, now, keep)
  local debounce = terms.debounce
  if not debounce then return end
  index('debounce', debounce.name, seq, id, 1)
  keep('debounced_by', id)
  if debounce.most_ms then keep('debounce_until', int(now + debounce.most_ms)) end
end
