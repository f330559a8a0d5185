-- failed → queued | scheduled: dead letters get a second life under the same id. ARGV: when the first is due in ms since the epoch ('' for
-- now), ms between one and the next, reach, ids. What is due by now is queued at once.
-- Returns {when one more would be due, per task {state that it is in now, 1 when this call moved it}, or {} when there is none}.
-- Needs: dead, tenants.
local now = now_ms()
local due, apart = ARGV[1] == '' and now or tonumber(ARGV[1]), tonumber(ARGV[2])
local REPLAYED = {'state', 'seq', 'kind', 'queue', 'executor', 'priority', 'fence', 'attempt', 'queued_at', 'reason', 'fingerprint', 'tenant',
  'batch'}
local LEFT_BEHIND = {'started_at', 'ended_at', 'due_at', 'reason', 'fingerprint', 'cancel_requested', 'watchers', 'progress', 'progress_at',
  'doubts'}

-- What its runs have left for each other, a checkpoint and effects that are done, stays: it goes on where it was.
local function replay(id, r)
  exhume(id, r)
  redis.call('HDEL', task_key(id), unpack(LEFT_BEHIND))
  if due <= now then
    local entry = enqueue(id, r.line, r.priority)
    move(id, r.seq, 'failed', 'queued', 'attempt', 1, 'deaths', 0, 'worker', '', 'lane', r.priority, 'entry', entry,
      'queued_at', int(now))
  else
    move(id, r.seq, 'failed', 'scheduled', 'attempt', 1, 'deaths', 0, 'worker', '', 'due_at', int(due))
    defer('ZADD', SCHEDULED, int(due), id)
  end
  if r.batch then count_in(r.batch, 'failed', -1) end
  note(id, r, now, 'replayed', '')
  defer('ZADD', QUEUES, minute(now), r.queue)
  count(r.queue, 'replayed')
end

local replies = {}
for i = 4, #ARGV do
  local id = ARGV[i]
  local r = read(id, REPLAYED)
  if r and not is_reached(ARGV[3], r.tenant) then r = nil end
  if r and r.state == 'failed' then
    replay(id, r)
    replies[#replies + 1] = {due <= now and 'queued' or 'scheduled', 1}
    due = due + apart
  else
    replies[#replies + 1] = r and {r.state, 0} or {}
  end
end
return {int(math.max(due, now)), unpack(replies)}
