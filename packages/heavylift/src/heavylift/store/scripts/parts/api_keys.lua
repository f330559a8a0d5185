-- Keys for the API: who may come in. A version that each change raises tells those who keep a copy whether theirs is still right. It is
-- a moment in µs and no count: a count would come to the same number again after data was lost.
-- Needs: tenants.
local API_KEYS = P .. ':access:keys'           -- sorted set: key → when it was made
local API_KEYS_VERSION = P .. ':access:version'
local function api_key(id) return P .. ':access:key:' .. id end

local function described(id) return {id, redis.call('HGETALL', api_key(id))} end

local function change(id, ...)
  redis.call('HSET', api_key(id), ...)
  local t, last = redis.call('TIME'), tonumber(redis.call('GET', API_KEYS_VERSION) or 0)
  redis.call('SET', API_KEYS_VERSION, int(math.max(t[1] * 1000000 + t[2], last + 1)))
end

-- Whether there is such a key and who asks may do something to it.
local function is_theirs(id, reach)
  return redis.call('EXISTS', api_key(id)) == 1 and is_reached(reach, redis.call('HGET', api_key(id), 'tenant'))
end

local function is_good(id, now)
  local k = redis.call('HMGET', api_key(id), 'revoked_at', 'expires_at')
  return not k[1] and not (k[2] and tonumber(k[2]) <= now)
end
