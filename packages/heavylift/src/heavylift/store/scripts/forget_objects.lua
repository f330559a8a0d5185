-- Objects are gone. ARGV: for each its name, a blank and its task.
-- Needs: objects.
redis.call('ZREM', OBJECTS, unpack(ARGV))
