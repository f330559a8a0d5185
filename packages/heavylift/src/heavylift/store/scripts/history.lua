-- What became of the attempts of a task that did not succeed, the oldest first. ARGV: id. Returns a JSON object for each.
return redis.call('LRANGE', history_key(ARGV[1]), 0, -1)
