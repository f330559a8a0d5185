-- running → succeeded | failed | cancelled, for all tasks that ended together. ARGV: how much is kept, then five
-- values for each task: id, fence, state, field for the body ('result', 'error' or ''), body as JSON. A failure of a task whose
-- cancellation was asked for ends it as cancelled; its error is kept.
-- Returns per task 1 when its end is committed (also when an earlier call of the same fence committed it), 0 when the fence is stale.
-- Needs: ends.
local keep = keeping(1)
local now = now_ms()
local ENDING = {'state', 'seq', 'queue', 'executor', 'lane', 'entry', 'fence', 'expires_at', 'watchers'}
local ended_at = int(now)
local replies = {}

for i = 3, #ARGV, 5 do
  local id, fence, to, field, body = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local r = read(id, ENDING)
  -- Only failures look for the request, so that what succeeds, nearly everything, pays nothing for it.
  if to == 'failed' and redis.call('HGET', task_key(id), 'cancel_requested') then to = 'cancelled' end
  if r and r.fence == fence and r.state == 'running' then
    dequeue(r.line, r.lane, r.entry)
    if to == 'succeeded' then
      move(id, r.seq, 'running', 'succeeded', 'ended_at', ended_at, field, body)
    elseif to == 'failed' then
      move(id, r.seq, 'running', 'failed', 'ended_at', ended_at, field, body)
    elseif field == 'error' then
      move(id, r.seq, 'running', 'cancelled', 'ended_at', ended_at, field, body)
    else
      move(id, r.seq, 'running', 'cancelled', 'ended_at', ended_at)
    end
    ended(id, r, to, keep)
    replies[#replies + 1] = 1
  else
    replies[#replies + 1] = (r and r.fence == fence and r.state == to) and 1 or 0
  end
end
return replies
