-- A consumer announces itself before its first claim. What one of the same name held goes back to its queue, unblamed, except what it
-- says it still has in hand: replies that got lost may have left it with tasks of which it does not know.
-- ARGV: consumer, lease in ms, its queues as JSON, what is known of it as JSON, ids that it has in hand as JSON, how much is
-- kept, the kinds of child whose lines it reads as JSON. Returns the ids that it says it has in hand and that it has lost.
-- Needs: hands, resting.
local consumer, lease_ms, queues, about = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local keep = keeping(6)
local now = now_ms()

local said, in_hand, lost = cjson.decode(ARGV[5]), {}, {}
for _, id in ipairs(said) do in_hand[id] = 'said' end
for _, h in ipairs(held_by(consumer)) do
  if h.r.state == 'queued' then put_back(h)
  elseif in_hand[h.id] then in_hand[h.id] = 'held'
  else give_back(h.id, h.r, now, keep) end
end
for _, id in ipairs(said) do
  if in_hand[id] ~= 'held' then lost[#lost + 1] = id end
end

for _, queue in ipairs(cjson.decode(queues)) do
  redis.call('ZADD', QUEUES, minute(now), queue)
  for _, executor in ipairs(cjson.decode(ARGV[9])) do
    for _, lane in ipairs(LANES) do
      local made = redis.pcall('XGROUP', 'CREATE', lane_key(line_of(queue, executor), lane), GROUP, '0', 'MKSTREAM')
      if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then return made end
    end
  end
end
redis.call('HSET', consumer_key(consumer), 'queues', queues, 'executors', ARGV[9], 'about', about)
redis.call('ZADD', CONSUMERS, lease_until(now + lease_ms, rests_by_order(consumer, now)), consumer)
return lost
