-- What is where, in constant time per queue. ARGV: names of the counters. Returns {scheduled, consumers alive, dead letters as {reason and
-- queue, how many, …}, {queue, ready, running, age of the oldest waiting entry in ms, 1 when it is paused,
-- value of each counter}, …}.
-- Needs: dead, looks, pausing.
local now = now_ms()
local page = {redis.call('ZCARD', SCHEDULED), redis.call('ZCOUNT', CONSUMERS, int(now), '+inf'), redis.call('HGETALL', DEAD_COUNTS)}

for _, queue in ipairs(redis.call('ZRANGE', QUEUES, 0, -1)) do
  local ready, running, oldest = 0, 0, 0
  for _, executor in ipairs(EXECUTORS) do
    for _, lane in ipairs(LANES) do
      local look = look_into(lane_key(line_of(queue, executor), lane))
      ready, running = ready + look.ready, running + look.running
      oldest = math.max(oldest, look.oldest and now - look.oldest or 0)
    end
  end
  local row = {queue, ready, running, oldest, #pause_of(queue, now) > 0 and 1 or 0}
  for _, number in ipairs(redis.call('HMGET', P .. ':counters:' .. queue, unpack(ARGV))) do row[#row + 1] = number or '0' end
  page[#page + 1] = row
end
return page
