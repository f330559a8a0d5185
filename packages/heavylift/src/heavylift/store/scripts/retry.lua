-- running → scheduled: the attempt failed and another follows. A task whose cancellation was asked for ends instead.
-- ARGV: how much is kept, then seven values for each task: id, fence, pause in ms, error as JSON, another payload or '', what became of
-- the attempt, and what its history says of the error as JSON.
-- Returns per task 1, or 0 when the fence is stale.
-- Needs: ends, history, stir.
local keep = keeping(1)
local now = now_ms()
local replies = {}

for i = 4, #ARGV, 7 do
  local id, fence, pause_ms, err = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3]
  local payload, fate, said = unpack(ARGV, i + 4, i + 6)
  local r = read(id)
  if r and r.fence == fence and r.state == 'running' then
    dequeue(r.line, r.lane, r.entry)
    if r.cancel_requested then
      move(id, r.seq, 'running', 'cancelled', 'ended_at', int(now), 'error', err)
      note(id, r, now, 'cancelled', said)
      ended(id, r, 'cancelled', keep)
    else
      local due = int(now + pause_ms)
      move(id, r.seq, 'running', 'scheduled', 'due_at', due, 'error', err, 'attempt', tonumber(r.attempt) + 1, 'worker', '')
      if payload ~= '' then redis.call('HSET', task_key(id), 'payload', payload) end
      defer('ZADD', SCHEDULED, due, id)
      note(id, r, now, fate, said)
      stir(id, r.watchers)
      count(r.queue, 'retried')
    end
    replies[#replies + 1] = 1
  else
    local same = r and r.fence == fence and (r.state == 'scheduled' or r.state == 'cancelled')
    replies[#replies + 1] = same and 1 or 0
  end
end
return replies
