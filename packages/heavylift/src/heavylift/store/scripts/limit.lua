-- From now on only so many tasks may wait in a queue. ARGV: queue, how many, or '' for what is so everywhere. Returns 1, or nothing when there is
-- no such queue.
if not redis.call('ZSCORE', QUEUES, ARGV[1]) then return false end
if ARGV[2] == '' then redis.call('HDEL', LIMITS, ARGV[1]) else redis.call('HSET', LIMITS, ARGV[1], ARGV[2]) end
return 1
