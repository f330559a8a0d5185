-- An object is about to be made. ARGV: its name, a blank and its task; for how long it may be referred to by no record, in ms.
-- Needs: objects.
redis.call('ZADD', OBJECTS, int(now_ms() + tonumber(ARGV[2])), ARGV[1])
