-- scheduled | queued → cancelled at once; a running task is marked, also for its worker, which asks for such marks and ends it.
-- Needs: ends.

-- Returns the state that the task is in now, with 1 when this call asked or moved, or nothing when there is no such task.
local function call_off(id, now, keep)
  local r = read(id)
  if not r then return nil end
  if r.state == 'running' then
    local first = not r.cancel_requested
    redis.call('HSET', task_key(id), 'cancel_requested', '1')
    redis.call('SADD', consumer_key(r.worker) .. ':cancelling', id)
    return 'running', first and 1 or 0
  elseif r.state == 'queued' then
    dequeue(r.line, r.lane, r.entry)
    move(id, r.seq, 'queued', 'cancelled', 'ended_at', int(now))
  elseif r.state == 'scheduled' then
    defer('ZREM', SCHEDULED, id)
    move(id, r.seq, 'scheduled', 'cancelled', 'ended_at', int(now))
  else
    return r.state, 0
  end
  ended(id, r, 'cancelled', keep)
  return 'cancelled', 1
end
