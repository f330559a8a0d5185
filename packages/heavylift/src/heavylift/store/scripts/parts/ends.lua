-- Needs: record.

-- How much is kept, from the two values of ARGV that begin at `at`: retention in ms, index limit.
local function keeping(at)
  return {retention_ms = tonumber(ARGV[at]), index_limit = tonumber(ARGV[at + 1])}
end

-- What every end of a task has in common, after its move: it leaves the waiting rooms, its record lives on for the retention, it
-- is counted, and who waits for it is told.
local function ended(id, r, to, keep)
  redis.call('PEXPIRE', task_key(id), keep.retention_ms)
  if r.expires_at then defer('ZREM', EXPIRING, id) end
  index('state', to, r.seq, id, keep.index_limit)
  count(r.queue, to)
  if r.watchers then
    for channel in string.gmatch(r.watchers, '[^ ]+') do redis.call('PUBLISH', channel, id) end
  end
end

-- Whether a task was to start by a time that has passed. One that a worker has held before did start, and does not expire.
local function too_late(r, now)
  return r.expires_at and r.fence == '0' and tonumber(r.expires_at) <= now
end

local function expire(id, r, now, keep)
  if r.state == 'queued' then
    dequeue(r.line, r.lane, r.entry)
    move(id, r.seq, 'queued', 'expired', 'ended_at', int(now))
  else
    defer('ZREM', SCHEDULED, id)
    move(id, r.seq, 'scheduled', 'expired', 'ended_at', int(now))
  end
  ended(id, r, 'expired', keep)
end
