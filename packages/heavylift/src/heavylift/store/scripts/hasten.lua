-- scheduled → queued: what waits for its time need not wait any longer. ARGV: reach, ids.
-- Returns per task {state that it is in now, 1 when this call moved it}, or {} when there is none.
-- Needs: record, stir, tenants.
local now = now_ms()
local replies = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  local r = reaches(ARGV[1], id) and read(id)
  if r and r.state == 'scheduled' then
    local entry = enqueue(id, r.line, r.priority)
    move(id, r.seq, 'scheduled', 'queued', 'lane', r.priority, 'entry', entry, 'queued_at', int(now), 'due_at', int(now))
    defer('ZREM', SCHEDULED, id)
    defer('ZADD', QUEUES, minute(now), r.queue)
    stir(id, r.watchers)
    replies[#replies + 1] = {'queued', 1}
  else
    replies[#replies + 1] = r and {r.state, 0} or {}
  end
end
return replies
