-- All keys, unless none has changed. ARGV: the version that is known, or ''. Returns {version, now}, and where it is another version
-- also {id, {field, value, …}} for each, the oldest first.
-- Needs: api_keys.
local version = redis.call('GET', API_KEYS_VERSION) or '0'
local reply = {version, int(now_ms())}
if version == ARGV[1] then return reply end
for _, id in ipairs(redis.call('ZRANGE', API_KEYS, 0, -1)) do reply[#reply + 1] = described(id) end
return reply
