-- (nothing) → a key. ARGV: id, digest, name, scopes as JSON, tenant, lifetime in ms or '', 1 when it is only wanted as the first that
-- there ever was, keys at most.
-- Returns {made | taken | full, id, {field, value, …}}. Asked for again, it is made already.
-- Needs: api_keys.
local id, digest, lifetime_ms = ARGV[1], ARGV[2], ARGV[6]
local now = now_ms()
local known = redis.call('HGET', api_key(id), 'digest')
if known == digest then return {'made', unpack(described(id))} end
if known or (ARGV[7] == '1' and redis.call('EXISTS', API_KEYS_VERSION) == 1) then return {'taken'} end

-- One that nobody can use any more makes room, the oldest first; until there is no room it is kept, so that logs can be understood.
if redis.call('ZCARD', API_KEYS) >= tonumber(ARGV[8]) then
  local gone
  for _, old in ipairs(redis.call('ZRANGE', API_KEYS, 0, -1)) do
    if not is_good(old, now) then gone = old; break end
  end
  if not gone then return {'full'} end
  redis.call('ZREM', API_KEYS, gone)
  redis.call('UNLINK', api_key(gone))
end

local made = {'digest', digest, 'name', ARGV[3], 'scopes', ARGV[4], 'tenant', ARGV[5], 'created_at', int(now)}
if lifetime_ms ~= '' then
  made[#made + 1] = 'expires_at'
  made[#made + 1] = int(now + tonumber(lifetime_ms))
end
redis.call('ZADD', API_KEYS, int(now), id)
change(id, unpack(made))
return {'made', unpack(described(id))}
