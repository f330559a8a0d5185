-- A page of the consumers that have a lease, by name, with what they have in hand of the queues that they serve. A stream is asked once,
-- whoever serves it, and a consumer for few tasks. ARGV: behind which to go on, how many at most, tasks told of each at most, reach.
-- Returns {1 when there are more, {consumer, when its lease ends, 1 when it rests, queues as JSON, kinds of children as JSON,
-- how many tasks it has in hand, {id, kind, queue, when it was taken in hand}, …}, …}.
-- Needs: record, resting, tenants.
local after, most, most_tasks, reach = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local now = now_ms()
local decoded, hands = {}, {}

-- Most of them are told the same, which is read once.
local function queues_of(told)
  decoded[told] = decoded[told] or cjson.decode(told)
  return decoded[told]
end

-- By consumer, how much of a queue it has in hand, and in which streams that is.
local function hands_in(queue)
  if hands[queue] then return hands[queue] end
  local found = {}
  for _, executor in ipairs(EXECUTORS) do
    for _, lane in ipairs(LANES) do
      local stream = lane_key(line_of(queue, executor), lane)
      local pending = redis.call('XLEN', stream) > 0 and redis.pcall('XPENDING', stream, GROUP) or {}
      for _, hand in ipairs(not pending.err and pending[4] or {}) do
        local held = found[hand[1]] or {number = 0, streams = {}}
        held.number = held.number + tonumber(hand[2])
        held.streams[#held.streams + 1] = stream
        found[hand[1]] = held
      end
    end
  end
  hands[queue] = found
  return found
end

local function tell_of(stream, consumer, row)
  for _, p in ipairs(redis.call('XPENDING', stream, GROUP, '-', '+', most_tasks, consumer)) do
    if #row == 6 + most_tasks then return end
    local entry = redis.call('XRANGE', stream, p[1], p[1])[1]
    local r = entry and read(entry[2][2], {'state', 'entry', 'kind', 'queue', 'started_at', 'tenant'})
    if r and r.state == 'running' and r.entry == p[1] and is_reached(reach, r.tenant) then
      row[#row + 1] = {entry[2][2], r.kind, r.queue, r.started_at}
    end
  end
end

local function row_of(consumer, lease)
  local about = redis.call('HMGET', consumer_key(consumer), 'queues', 'executors')
  local row = {consumer, int(math.floor(lease)), rests_by_order(consumer, now) and 1 or 0, about[1] or '[]', about[2] or '[]', 0}
  for _, queue in ipairs(queues_of(row[4])) do
    local held = hands_in(queue)[consumer]
    row[6] = row[6] + (held and held.number or 0)
    for _, stream in ipairs(held and held.streams or {}) do tell_of(stream, consumer, row) end
  end
  return row
end

local leases, names = {}, {}
local known = redis.call('ZRANGEBYSCORE', CONSUMERS, int(now), '+inf', 'WITHSCORES')
for i = 1, #known, 2 do
  if known[i] > after then
    names[#names + 1] = known[i]
    leases[known[i]] = tonumber(known[i + 1])
  end
end
table.sort(names)
local page = {#names > most and 1 or 0}
for i = 1, math.min(most, #names) do page[i + 1] = row_of(names[i], leases[names[i]]) end
return page
