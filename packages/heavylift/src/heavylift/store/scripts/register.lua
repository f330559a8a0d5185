-- A consumer announces itself before its first claim. What one of the same name still held goes back to its queue: replies that
-- got lost may have left it with tasks of which it does not know. ARGV: consumer, lease in ms, its queues as JSON, what is known
-- of it as JSON, retention in ms, index limit.
local consumer, lease_ms, queues, about = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
hand_on(consumer, 0, math.huge, 'it started anew', now_ms(), tonumber(ARGV[5]), tonumber(ARGV[6]))
for _, queue in ipairs(cjson.decode(queues)) do
  redis.call('SADD', QUEUES, queue)
  for _, lane in ipairs(LANES) do
    local made = redis.pcall('XGROUP', 'CREATE', lane_key(queue, lane), GROUP, '0', 'MKSTREAM')
    if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then return made end
  end
end
redis.call('HSET', consumer_key(consumer), 'queues', queues, 'about', about)
redis.call('ZADD', CONSUMERS, int(now_ms() + lease_ms), consumer)
return 1
