-- What a token stands for, as JSON, or nothing. ARGV: token.
return redis.call('GET', P .. ':purge:' .. ARGV[1])
