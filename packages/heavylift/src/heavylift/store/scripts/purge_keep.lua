-- Somebody has asked what a purge of a queue would call off, and may confirm it. ARGV: token, what it stands for as JSON, for how long in ms.
redis.call('SET', P .. ':purge:' .. ARGV[1], ARGV[2], 'PX', ARGV[3])
