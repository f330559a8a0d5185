-- running → queued, given back unharmed by the worker that holds it. A task whose cancellation was asked for ends instead.
-- ARGV: retention in ms, index limit, then pairs of id and fence. Returns per task 1, or 0 when the fence is stale.
local retention_ms, index_limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = now_ms()
local replies = {}
for i = 3, #ARGV, 2 do
  local id, fence = ARGV[i], ARGV[i + 1]
  local r = read(id)
  if r and r.fence == fence and r.state == 'running' then
    give_back(id, r, now, retention_ms, index_limit)
    replies[#replies + 1] = 1
  else
    replies[#replies + 1] = 0
  end
end
return replies
