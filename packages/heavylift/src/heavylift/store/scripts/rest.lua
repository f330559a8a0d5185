-- Hosts are to take nothing more, or may again. ARGV: for how long in ms, or 0 for no longer; hosts. It counts for every claim from
-- now on, also for those of consumers that register later.
-- Needs: resting.
local now, for_ms, asked = now_ms(), tonumber(ARGV[1]), {}

for i = 2, #ARGV do
  asked[ARGV[i]] = true
  if for_ms > 0 then redis.call('ZADD', RESTING, int(now + for_ms), ARGV[i]) else redis.call('ZREM', RESTING, ARGV[i]) end
end
redis.call('ZREMRANGEBYSCORE', RESTING, '-inf', int(now))
local known = redis.call('ZRANGE', CONSUMERS, 0, -1, 'WITHSCORES')
for i = 1, #known, 2 do
  if asked[host_of(known[i])] then redis.call('ZADD', CONSUMERS, lease_until(known[i + 1], for_ms > 0), known[i]) end
end
