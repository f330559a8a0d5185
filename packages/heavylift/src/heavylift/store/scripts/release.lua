-- running → queued, given back unharmed by the worker that holds it. A task whose cancellation was asked for ends instead.
-- ARGV: how much is kept, then pairs of id and fence. Returns per task 1, or 0 when the fence is stale.
-- Needs: hands.
local keep = keeping(1)
local now = now_ms()
local replies = {}
for i = 4, #ARGV, 2 do
  local id, fence = ARGV[i], ARGV[i + 1]
  local r = read(id)
  if r and r.fence == fence and r.state == 'running' then
    give_back(id, r, now, keep)
    replies[#replies + 1] = 1
  else
    replies[#replies + 1] = 0
  end
end
return replies
