-- scheduled → queued for what is due, scheduled | queued → expired for what is too late; and queues whose pause is over give out again
-- what they have. ARGV: tasks at most, how much is kept. Returns {promoted ids, expired ids, ms until the next is due or -1, queues
-- resumed}.
-- Needs: ends, stir.
-- Seldom needs: pausing.
local limit, keep = tonumber(ARGV[1]), keeping(2)
local now = now_ms()
local promoted, expired, resumed = {}, {}, {}

for _, id in ipairs(redis.call('ZRANGEBYSCORE', EXPIRING, '-inf', int(now), 'LIMIT', 0, limit)) do
  local r = read(id)
  if r and too_late(r, now) and (r.state == 'queued' or r.state == 'scheduled') then
    expire(id, r, now, keep)
    expired[#expired + 1] = id
  else  -- it started in time
    defer('ZREM', EXPIRING, id)
  end
end

flush()  -- what has expired is not due any more
for _, id in ipairs(redis.call('ZRANGEBYSCORE', SCHEDULED, '-inf', int(now), 'LIMIT', 0, limit)) do
  defer('ZREM', SCHEDULED, id)
  local r = read(id)
  if r and r.state == 'scheduled' then
    local entry = enqueue(id, r.line, r.priority)
    move(id, r.seq, 'scheduled', 'queued', 'lane', r.priority, 'entry', entry, 'queued_at', int(now))
    defer('ZADD', QUEUES, minute(now), r.queue)
    stir(id, r.watchers)
    promoted[#promoted + 1] = id
  end
end

for _, queue in ipairs(redis.call('ZRANGEBYSCORE', P .. ':paused', '-inf', int(now))) do
  seldom()
  resume(queue)
  resumed[#resumed + 1] = queue
end

flush()
local next_due = redis.call('ZRANGE', SCHEDULED, 0, 0, 'WITHSCORES')
local next_expiry = redis.call('ZRANGE', EXPIRING, 0, 0, 'WITHSCORES')
local next_end = redis.call('ZRANGE', P .. ':paused', 0, 0, 'WITHSCORES')
local soonest = math.min(tonumber(next_due[2]) or math.huge, tonumber(next_expiry[2]) or math.huge, tonumber(next_end[2]) or math.huge)
return {promoted, expired, soonest == math.huge and -1 or math.max(0, soonest - now), resumed}
