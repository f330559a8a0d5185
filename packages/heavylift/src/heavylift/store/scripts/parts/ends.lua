-- Needs: members, record.

-- How much is kept, from the three values of ARGV that begin at `at`: retention in ms, index limit, limit of dead letters.
local function keeping(at)
  return {retention_ms = tonumber(ARGV[at]), index_limit = tonumber(ARGV[at + 1]), dead_limit = tonumber(ARGV[at + 2])}
end

-- What every end of a task has in common, after its move: it leaves the waiting rooms, it is counted, who waits for it is told.
local function over(id, r, to, keep)
  if r.expires_at then defer('ZREM', EXPIRING, id) end
  index('state', to, r.seq, id, keep.index_limit)
  count(r.queue, to)
  if r.watchers then tell(r.watchers, id) end
  if r.batch then count_in(r.batch, to, 1, id) end
end

-- The end of a task that did not fail: what is known of it lives on for the retention.
local function ended(id, r, to, keep)
  redis.call('PEXPIRE', task_key(id), keep.retention_ms)
  -- Only runs that did not succeed leave a history: a task that succeeds in its first has none.
  if r.fence ~= (to == 'succeeded' and '1' or '0') then redis.call('PEXPIRE', history_key(id), keep.retention_ms) end
  if r.log_at then redis.call('PEXPIRE', log_key(id), keep.retention_ms) end
  over(id, r, to, keep)
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
