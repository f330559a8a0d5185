-- running → succeeded | failed | cancelled, for all tasks that ended together. ARGV: how much is kept, then for each task: id, fence,
-- state and, when it succeeded, result as JSON; when it failed, error as JSON, reason, fingerprint and what its history says of the
-- error as JSON. A failure of a task whose cancellation was asked for ends it as cancelled; its error is kept.
-- Returns per task 1 when its end is committed (also when an earlier call of the same fence committed it), 0 when the fence is stale.
-- Needs: ends.
-- Seldom needs: unsuccessful.
local keep = keeping(1)
local now = now_ms()
local ENDING = {'state', 'seq', 'queue', 'executor', 'lane', 'entry', 'fence', 'expires_at', 'watchers', 'log_at', 'batch'}
local ended_at = int(now)
local replies = {}

local i = 4
while i <= #ARGV do
  local id, fence, to = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local r = read(id, ENDING)
  if to ~= 'succeeded' then seldom() end
  if r and r.fence == fence and r.state == 'running' then
    dequeue(r.line, r.lane, r.entry)
    if to == 'succeeded' then
      move(id, r.seq, 'running', 'succeeded', 'ended_at', ended_at, 'result', ARGV[i + 3])
      ended(id, r, 'succeeded', keep)
    elseif to == 'failed' then
      fail(id, r, now, keep, unpack(ARGV, i + 3, i + 6))
    else
      give_way(id, r, now, keep)
    end
    replies[#replies + 1] = 1
  else
    local same = r and r.fence == fence and (r.state == to or to == 'failed' and gave_way(id, r))
    replies[#replies + 1] = same and 1 or 0
  end
  i = i + (to == 'succeeded' and 4 or to == 'failed' and 7 or 3)
end
return replies
