-- failed → queued | scheduled: dead letters get a second life under the same id. ARGV: when the first is due in ms since the epoch ('' for
-- now), ms between one and the next, reach, another payload or '' and its form, ids. What is due by now is queued at once.
-- Returns {when one more would be due, per task {state that it is in now, 1 when this call moved it}, or {} when there is none}.
-- Needs: dead, payloads, tenants.
local now = now_ms()
local due, apart = ARGV[1] == '' and now or tonumber(ARGV[1]), tonumber(ARGV[2])
local edited = ARGV[4] ~= ''
local REPLAYED = {'state', 'seq', 'kind', 'queue', 'executor', 'priority', 'fence', 'attempt', 'queued_at', 'reason', 'fingerprint', 'tenant',
  'batch'}
local LEFT_BEHIND = {'started_at', 'ended_at', 'due_at', 'reason', 'fingerprint', 'cancel_requested', 'watchers', 'progress', 'progress_at',
  'doubts'}

-- A checkpoint is a place in what the task was given, and without it there is only more to do. What is done is done, whatever it was
-- given: of the effects none may be done twice.
local function edit(id, r, payload, form)
  local key = task_key(id)
  redis.call('HSET', key, former_payload(r.fence), redis.call('HGET', key, 'payload'), 'payload', payload, 'form', form)
  redis.call('HDEL', key, 'checkpoint')
end

-- What its runs have left for each other, a checkpoint and effects that are done, stays: it goes on where it was.
local function replay(id, r)
  exhume(id, r)
  redis.call('HDEL', task_key(id), unpack(LEFT_BEHIND))
  if edited then edit(id, r, ARGV[4], ARGV[5]) end
  if due <= now then
    local entry = enqueue(id, r.line, r.priority)
    note(id, r, now, 'replayed', edited and '{"edited":true}' or '')
    move(id, r.seq, 'failed', 'queued', 'attempt', 1, 'deaths', 0, 'worker', '', 'lane', r.priority, 'entry', entry,
      'queued_at', int(now))
  else
    note(id, r, now, 'replayed', '{"due_at":' .. int(due) .. '}')
    move(id, r.seq, 'failed', 'scheduled', 'attempt', 1, 'deaths', 0, 'worker', '', 'due_at', int(due))
    defer('ZADD', SCHEDULED, int(due), id)
  end
  if r.batch then count_in(r.batch, 'failed', -1) end
  defer('ZADD', QUEUES, minute(now), r.queue)
  count(r.queue, 'replayed')
end

local replies = {}
for i = 6, #ARGV do
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
