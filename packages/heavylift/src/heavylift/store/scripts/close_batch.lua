-- What has not come of a batch will not come. ARGV: id. Returns 1, or nothing when there is no such batch.
-- Needs: members.
local key = batch_key(ARGV[1])
local n = redis.call('HMGET', key, 'created_at', 'made', 'spared')
if not n[1] then return false end
redis.call('HSET', key, 'items', tonumber(n[2] or 0) + tonumber(n[3] or 0))
settle(ARGV[1])
return 1
