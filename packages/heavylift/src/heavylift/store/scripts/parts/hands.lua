-- Tasks leave the hand that holds them.
-- Needs: dead, lanes, stir, waiting.

-- Take a running task out of the hands of `r.worker` and put it first in its queue.
local function requeue(id, r, now, line, ...)
  dequeue(r.line, r.lane, r.entry)
  local entry = enqueue(id, line, 'returned')
  move(id, r.seq, 'running', 'queued', 'lane', 'returned', 'entry', entry, 'queued_at', int(now), 'worker', '', ...)
  stir(id, r.watchers)
end

-- The same for a task that its worker gives back unharmed; one whose cancellation was asked for ends instead.
local function give_back(id, r, now, keep)
  if not r.cancel_requested then return requeue(id, r, now, r.line) end
  dequeue(r.line, r.lane, r.entry)
  move(id, r.seq, 'running', 'cancelled', 'ended_at', int(now))
  ended(id, r, 'cancelled', keep)
end

-- Everything that Redis has pending for a consumer: {queue, lane, entry, id, record}, stale pointers dropped on the way.
-- It looks into every queue, because a consumer may hold entries of queues that its registration does not name, or not any more.
local function held_by(consumer)
  local held = {}
  each_lane(function(line, lane)
    local stream, after = lane_key(line, lane), '-'
    while true do
      local pending = redis.pcall('XPENDING', stream, GROUP, after, '+', 128, consumer)
      if pending.err or #pending == 0 then return end
      for _, p in ipairs(pending) do
        local found = redis.call('XRANGE', stream, p[1], p[1])
        local id = found[1] and found[1][2][2]
        local r = id and read(id)
        if r and r.entry == p[1] then
          held[#held + 1] = {line = line, lane = lane, entry = p[1], id = id, r = r}
        else
          dequeue(line, lane, p[1])
        end
      end
      after = '(' .. pending[#pending][1]
    end
  end)
  return held
end

-- The fingerprint of such a death; heavylift.fingerprint says what it is made of.
local function fingerprint_of_loss(cause)
  return string.sub(redis.sha1hex('WorkerLost\n' .. string.gsub(cause, '%d+', '#')), 1, 16)
end

local function quarantine(h, deaths, cause, now, keep)
  local message = 'quarantined: ' .. deaths .. ' workers died while they ran this task; the last: ' .. cause
  h.r.reason, h.r.fingerprint = 'quarantined', fingerprint_of_loss(cause)
  dequeue(h.line, h.lane, h.entry)
  move(h.id, h.r.seq, 'running', 'failed', 'ended_at', int(now), 'deaths', deaths, 'reason', h.r.reason,
    'fingerprint', h.r.fingerprint, 'error', cjson.encode({
    type = 'WorkerLost', message = message, retryable = false, traceback = cjson.null, details = {{cause = cause}}}))
  died(h.id, h.r, now, keep)
end

-- End a consumer and what it holds. With `blame` '1' its death counts against the task that it ran, `ran`. When nobody knows which
-- that was and it held several, none is blamed, but their doubts are counted: a whole node may have gone, which says nothing of
-- what it ran. One with two doubts is suspect: from then on a child of kind process runs it, and claims it alone, so that the next
-- death is clear. (A suspect in hand at a death of which nobody knows more is blamed.) Returns {requeued, buried,
-- cancelled}: ids.
local function hand_on(consumer, blame, ran, max_deaths, cause, now, keep)
  local requeued, buried, cancelled, running = {}, {}, {}, {}
  for _, h in ipairs(held_by(consumer)) do
    if h.r.state == 'queued' then
      put_back(h)
      requeued[#requeued + 1] = h.id
    else
      running[#running + 1] = h
    end
  end
  if ran == '' and #running == 1 then ran = running[1].id end
  local unclear = blame == '1' and ran == ''
  for _, h in ipairs(running) do
    local blamed = blame == '1' and ran == h.id or unclear and is_suspect(h.r)
    local deaths = tonumber(h.r.deaths) + (blamed and 1 or 0)
    if ran == '' or ran == h.id then  -- else it was in hand, and had not begun
      note(h.id, h.r, now, blame == '1' and 'worker_lost' or 'handed_back', cjson.encode({error_type = 'WorkerLost', cause = cause}))
    end
    if h.r.cancel_requested then
      dequeue(h.line, h.lane, h.entry)
      move(h.id, h.r.seq, 'running', 'cancelled', 'ended_at', int(now), 'deaths', deaths)
      ended(h.id, h.r, 'cancelled', keep)
      cancelled[#cancelled + 1] = h.id
    elseif blamed and deaths >= max_deaths then
      quarantine(h, deaths, cause, now, keep)
      buried[#buried + 1] = h.id
    else
      local doubts = tonumber(h.r.doubts or 0) + (unclear and 1 or 0)
      if doubts >= SUSPECT then
        requeue(h.id, h.r, now, line_of(h.r.queue, 'process'), 'deaths', deaths, 'doubts', doubts, 'executor', 'process')
      elseif unclear then
        requeue(h.id, h.r, now, h.r.line, 'deaths', deaths, 'doubts', doubts)
      else
        requeue(h.id, h.r, now, h.r.line, 'deaths', deaths)
      end
      requeued[#requeued + 1] = h.id
    end
  end
  each_lane(function(line, lane) redis.pcall('XGROUP', 'DELCONSUMER', lane_key(line, lane), GROUP, consumer) end)
  redis.call('DEL', consumer_key(consumer), consumer_key(consumer) .. ':cancelling')
  redis.call('ZREM', CONSUMERS, consumer)
  return {requeued, buried, cancelled}
end
