-- What hosts have in hand, by what their consumers hold. Returns {host, consumers with a lease, how many tasks, 1 when all rest}, ….
-- Needs: lanes, resting.
local hosts, found = {}, {}

local function host_at(consumer)
  local name = host_of(consumer)
  if not found[name] then
    found[name] = {name = name, consumers = 0, resting = 0, in_hand = 0}
    hosts[#hosts + 1] = found[name]
  end
  return found[name]
end

local known = redis.call('ZRANGE', CONSUMERS, 0, -1, 'WITHSCORES')
for i = 1, #known, 2 do
  local host = host_at(known[i])
  host.consumers = host.consumers + 1
  if known[i + 1] % 1 > 0 then host.resting = host.resting + 1 end
end
each_lane(function(line, lane)
  local stream = lane_key(line, lane)
  local pending = redis.call('XLEN', stream) > 0 and redis.pcall('XPENDING', stream, GROUP) or {}
  for _, hand in ipairs(not pending.err and pending[4] or {}) do
    local host = host_at(hand[1])
    host.in_hand = host.in_hand + tonumber(hand[2])
  end
end)

local rows = {}
for _, host in ipairs(hosts) do
  rows[#rows + 1] = {host.name, host.consumers, host.in_hand, host.resting == host.consumers and 1 or 0}
end
return rows
