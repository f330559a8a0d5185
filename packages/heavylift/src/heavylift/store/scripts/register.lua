-- A consumer announces itself before its first claim. ARGV: consumer, lease in ms, its queues as JSON, what is known of it as JSON.
local consumer, lease_ms, queues, about = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
for _, queue in ipairs(cjson.decode(queues)) do
  for _, lane in ipairs(LANES) do
    local made = redis.pcall('XGROUP', 'CREATE', lane_key(queue, lane), GROUP, '0', 'MKSTREAM')
    if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then return made end
  end
end
redis.call('HSET', consumer_key(consumer), 'queues', queues, 'about', about)
redis.call('ZADD', CONSUMERS, int(now_ms() + lease_ms), consumer)
return 1
