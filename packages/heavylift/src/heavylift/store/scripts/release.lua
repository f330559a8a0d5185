-- running → queued, given back unharmed by the worker that holds it. ARGV: pairs of id and fence.
-- Returns per task 1, or 0 when the fence is stale.
local now = now_ms()
local replies = {}
for i = 1, #ARGV, 2 do
  local r = read(ARGV[i])
  if r and r.fence == ARGV[i + 1] and r.state == 'running' then
    requeue(ARGV[i], r, now)
    replies[#replies + 1] = 1
  else
    replies[#replies + 1] = 0
  end
end
return replies
