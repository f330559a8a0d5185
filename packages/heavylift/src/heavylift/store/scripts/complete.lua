-- running → succeeded | failed | cancelled, for all tasks that ended together. ARGV: how much is kept, then for each task: id, fence,
-- state and, when it succeeded, result as JSON; when it failed, error as JSON, reason, fingerprint and what its history says of the
-- error as JSON. A failure of a task whose cancellation was asked for ends it as cancelled; its error is kept.
-- Returns per task 1 when its end is committed (also when an earlier call of the same fence committed it), 0 when the fence is stale.
-- Needs: dead.
local keep = keeping(1)
local now = now_ms()
local ENDING = {'state', 'seq', 'queue', 'executor', 'lane', 'entry', 'fence', 'expires_at', 'watchers'}
local ended_at = int(now)

-- What only those need that did not succeed, so that what does, nearly everything, pays nothing for it.
local function look_closer(id, r)
  local told = redis.call('HMGET', task_key(id), 'cancel_requested', 'kind', 'worker', 'attempt', 'started_at')
  r.cancel_requested, r.kind, r.worker, r.attempt, r.started_at = unpack(told)
end

-- Whether this failure is the one that an earlier call made a cancellation of.
local function gave_way(id, r, to)
  return to == 'failed' and r.state == 'cancelled' and redis.call('HEXISTS', task_key(id), 'cancel_requested') == 1
end

local END = {}

function END.succeeded(id, r, result)
  move(id, r.seq, 'running', 'succeeded', 'ended_at', ended_at, 'result', result)
  ended(id, r, 'succeeded', keep)
end

function END.failed(id, r, err, reason, mark, said)
  look_closer(id, r)
  if r.cancel_requested then
    move(id, r.seq, 'running', 'cancelled', 'ended_at', ended_at, 'error', err)
    note(id, r, now, 'cancelled', said)
    ended(id, r, 'cancelled', keep)
  else
    r.reason, r.fingerprint = reason, mark
    move(id, r.seq, 'running', 'failed', 'ended_at', ended_at, 'error', err, 'reason', reason, 'fingerprint', mark)
    note(id, r, now, reason == 'timed_out' and reason or 'failed', said)
    died(id, r, now, keep)
  end
end

function END.cancelled(id, r)
  look_closer(id, r)
  move(id, r.seq, 'running', 'cancelled', 'ended_at', ended_at)
  note(id, r, now, 'cancelled', '')
  ended(id, r, 'cancelled', keep)
end

local VALUES = {succeeded = 4, failed = 7, cancelled = 3}
local replies = {}
local i = 4
while i <= #ARGV do
  local id, fence, to = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local r = read(id, ENDING)
  if r and r.fence == fence and r.state == 'running' then
    dequeue(r.line, r.lane, r.entry)
    END[to](id, r, unpack(ARGV, i + 3, i + VALUES[to] - 1))
    replies[#replies + 1] = 1
  else
    replies[#replies + 1] = r and r.fence == fence and (r.state == to or gave_way(id, r, to)) and 1 or 0
  end
  i = i + VALUES[to]
end
return replies
