-- What is where, in constant time per queue. ARGV: names of the counters. Returns {scheduled, consumers alive, dead letters as {reason and
-- queue, how many, …}, {queue, ready, running, age of the oldest waiting entry in ms, value of each counter}, …}.
-- Needs: dead.
local now = now_ms()
local page = {redis.call('ZCARD', SCHEDULED), redis.call('ZCOUNT', CONSUMERS, int(now), '+inf'), redis.call('HGETALL', DEAD_COUNTS)}

-- Ready, running and oldest age of one stream.
local function look_into(stream)
  local held, after = 0, '-'
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  if not groups.err and groups[1] then
    local group = {}
    for i = 1, #groups[1], 2 do group[groups[1][i]] = groups[1][i + 1] end
    held, after = group['pending'], '(' .. group['last-delivered-id']
  end
  local first = redis.call('XRANGE', stream, after, '+', 'COUNT', 1)
  local age = first[1] and now - tonumber(string.match(first[1][1], '^%d+')) or 0
  return redis.call('XLEN', stream) - held, held, age
end

for _, queue in ipairs(redis.call('ZRANGE', QUEUES, 0, -1)) do
  local ready, running, oldest = 0, 0, 0
  for _, executor in ipairs(EXECUTORS) do
    for _, lane in ipairs(LANES) do
      local waiting, held, age = look_into(lane_key(line_of(queue, executor), lane))
      ready, running, oldest = ready + waiting, running + held, math.max(oldest, age)
    end
  end
  local row = {queue, ready, running, oldest}
  for _, number in ipairs(redis.call('HMGET', P .. ':counters:' .. queue, unpack(ARGV))) do row[#row + 1] = number or '0' end
  page[#page + 1] = row
end
return page
