-- What was decided for all pools takes the place of what was decided before. ARGV: JSON.
redis.call('SET', P .. ':scaling', int(now_ms()) .. ' ' .. ARGV[1])
