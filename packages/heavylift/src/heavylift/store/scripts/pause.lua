-- A queue gives nothing out until it is resumed. ARGV: queue, for how long in ms or 0 for no end, by whom, why. What runs goes on; what a
-- blocking read has taken and nobody has claimed yet goes back. Paused again, it is paused on the new terms, since when it was.
-- Returns {1 when it was not paused before, {since, until or '', by, reason}}, or nothing when there is no such queue.
-- Needs: pausing, waiting.
local queue, for_ms, now = ARGV[1], tonumber(ARGV[2]), now_ms()
if not redis.call('ZSCORE', QUEUES, queue) then return false end

local function hold(stream)
  local made = redis.pcall('XGROUP', 'CREATE', stream, GROUP, BEHIND_ALL, 'MKSTREAM')
  if not made.err then return redis.call('HSET', PLACES, stream, '0-0') end  -- nobody has ever read it
  local _, place, stands = group_of_stream(stream)
  if stands then return end
  redis.call('HSET', PLACES, stream, place)
  redis.call('XGROUP', 'SETID', stream, GROUP, BEHIND_ALL)
end

local function take_back(line, lane)
  local stream, after = lane_key(line, lane), '-'
  while true do
    local pending = redis.call('XPENDING', stream, GROUP, after, '+', 128)
    if #pending == 0 then return end
    for _, p in ipairs(pending) do
      local entry = redis.call('XRANGE', stream, p[1], p[1])[1]
      local r = entry and read(entry[2][2], {'state', 'entry'})
      if r and r.state == 'queued' and r.entry == p[1] then put_back({line = line, lane = lane, entry = p[1], id = entry[2][2]}) end
    end
    after = '(' .. pending[#pending][1]
  end
end

for _, executor in ipairs(EXECUTORS) do
  for _, lane in ipairs(LANES) do
    hold(lane_key(line_of(queue, executor), lane))
    take_back(line_of(queue, executor), lane)
  end
end
local before, ends = pause_of(queue, now), for_ms > 0 and int(now + for_ms) or ''
redis.call('ZADD', PAUSED, ends == '' and '+inf' or ends, queue)
redis.call('HSET', pause_key(queue), 'since', before[1] or int(now), 'ends_at', ends, 'by', ARGV[3], 'reason', ARGV[4])
return {before[1] and 0 or 1, pause_of(queue, now)}
