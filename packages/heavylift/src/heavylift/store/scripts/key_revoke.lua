-- A key is good for nothing any more. ARGV: id, reach. Returns {id, {field, value, …}}, or nothing when there is no such key.
-- Needs: api_keys.
local id = ARGV[1]
if not is_theirs(id, ARGV[2]) then return false end
if not redis.call('HGET', api_key(id), 'revoked_at') then change(id, 'revoked_at', int(now_ms())) end
return described(id)
