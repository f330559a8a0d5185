-- Attempts that end otherwise than well, which most do not.
-- Needs: dead.

-- What is needed to tell of one, besides what every end reads.
local function look_closer(id, r)
  local told = redis.call('HMGET', task_key(id), 'cancel_requested', 'kind', 'worker', 'attempt', 'queued_at', 'started_at', 'tenant')
  r.cancel_requested, r.kind, r.worker, r.attempt, r.queued_at, r.started_at, r.tenant = unpack(told)
end

local function fail(id, r, now, keep, err, reason, mark, said)
  look_closer(id, r)
  if r.cancel_requested then
    move(id, r.seq, 'running', 'cancelled', 'ended_at', int(now), 'error', err)
    note(id, r, now, 'cancelled', said)
    ended(id, r, 'cancelled', keep)
  else
    r.reason, r.fingerprint = reason, mark
    move(id, r.seq, 'running', 'failed', 'ended_at', int(now), 'error', err, 'reason', reason, 'fingerprint', mark)
    note(id, r, now, reason == 'timed_out' and reason or 'failed', said)
    died(id, r, now, keep)
  end
end

local function give_way(id, r, now, keep)
  look_closer(id, r)
  move(id, r.seq, 'running', 'cancelled', 'ended_at', int(now))
  note(id, r, now, 'cancelled', '')
  ended(id, r, 'cancelled', keep)
end

-- Whether an earlier call made a cancellation of this failure.
local function gave_way(id, r)
  return r.state == 'cancelled' and redis.call('HEXISTS', task_key(id), 'cancel_requested') == 1
end
