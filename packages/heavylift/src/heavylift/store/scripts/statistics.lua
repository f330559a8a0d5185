-- What is where, in constant time per queue. Returns {scheduled, consumers alive, {queue, ready, running, age of the oldest waiting
-- entry in ms, submitted, succeeded, failed, cancelled, expired, retried}, …}.
local now = now_ms()
local page = {redis.call('ZCARD', SCHEDULED), redis.call('ZCOUNT', CONSUMERS, int(now), '+inf')}
for _, queue in ipairs(redis.call('SMEMBERS', QUEUES)) do
  local ready, running, oldest = 0, 0, 0
  for _, lane in ipairs(LANES) do
    local stream = lane_key(queue, lane)
    local held, after = 0, '-'
    local groups = redis.pcall('XINFO', 'GROUPS', stream)
    if not groups.err and groups[1] then
      local group = {}
      for i = 1, #groups[1], 2 do group[groups[1][i]] = groups[1][i + 1] end
      held, after = group['pending'], '(' .. group['last-delivered-id']
    end
    ready = ready + redis.call('XLEN', stream) - held
    running = running + held
    local first = redis.call('XRANGE', stream, after, '+', 'COUNT', 1)
    if first[1] then oldest = math.max(oldest, now - tonumber(string.match(first[1][1], '^%d+'))) end
  end
  local c = redis.call('HMGET', P .. ':counters:' .. queue, 'submitted', 'succeeded', 'failed', 'cancelled', 'expired', 'retried')
  page[#page + 1] = {queue, ready, running, oldest, c[1] or '0', c[2] or '0', c[3] or '0', c[4] or '0', c[5] or '0', c[6] or '0'}
end
return page
