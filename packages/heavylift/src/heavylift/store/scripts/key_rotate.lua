-- A key gets another secret, and the one before counts for a while. ARGV: id, reach, digest, grace in ms.
-- Returns {id, {field, value, …}}, or nothing when there is no such key; one that is revoked or has expired stays as it is.
-- Needs: api_keys.
local id, digest = ARGV[1], ARGV[3]
local now = now_ms()
if not is_theirs(id, ARGV[2]) then return false end
local before = redis.call('HGET', api_key(id), 'digest')
if before ~= digest and is_good(id, now) then
  change(id, 'digest', digest, 'rotated_at', int(now), 'former_digest', before, 'former_until', int(now + tonumber(ARGV[4])))
end
return described(id)
