-- Queues as they are now, in constant time for each and each consumer. ARGV: one queue, or '' for a page of them by name: behind which to go
-- on, how many at most; the beat of the pulse in ms, how many may wait
-- in a queue that has no limit of its own or ''. Returns {1 when there are more, {queue, ready, running, waiting for their time, age of the oldest that waits in
-- ms, consumers that take from it, what is to be said of its pause, how it moves, how many may wait in it or ''}, …}.
-- Needs: looks, pausing, pulse, resting.
local wanted, after, most, beat_ms = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local usual_limit = ARGV[5]
local now = now_ms()

local function names()
  if wanted ~= '' then return redis.call('ZSCORE', QUEUES, wanted) and {wanted} or {} end
  local known = {}
  for _, queue in ipairs(redis.call('ZRANGE', QUEUES, 0, -1)) do
    if queue > after then known[#known + 1] = queue end
  end
  table.sort(known)
  return known
end

-- By queue, how many consumers that do not rest take from it. Most of them are told the same, which is read once.
local function served()
  local consumers, read = {}, {}
  for _, consumer in ipairs(redis.call('ZRANGEBYSCORE', CONSUMERS, int(now), '+inf')) do
    local told = not rests_by_order(consumer, now) and redis.call('HGET', consumer_key(consumer), 'queues') or '[]'
    read[told] = read[told] or cjson.decode(told)
    for _, queue in ipairs(read[told]) do consumers[queue] = (consumers[queue] or 0) + 1 end
  end
  return consumers
end

local consumers = served()
local function row(queue)
  local ready, running, oldest = 0, 0, 0
  for _, executor in ipairs(EXECUTORS) do
    for _, lane in ipairs(LANES) do
      local look = look_into(lane_key(line_of(queue, executor), lane))
      ready, running = ready + look.ready, running + look.running
      oldest = math.max(oldest, look.oldest and now - look.oldest or 0)
    end
  end
  local came, gone = passed(queue)
  local scheduled = math.max(0, came - gone - ready - running)
  return {queue, ready, running, scheduled, oldest, consumers[queue] or 0, pause_of(queue, now), pulse(queue, came, gone, now, beat_ms),
    redis.call('HGET', LIMITS, queue) or usual_limit}
end

local known = names()
local page = {#known > most and 1 or 0}
for i = 1, math.min(most, #known) do page[i + 1] = row(known[i]) end
return page
