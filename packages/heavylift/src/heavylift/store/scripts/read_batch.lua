-- Read fields of a batch and, unless it is over, have its end published to a channel. ARGV: id, channel or '', names of the fields.
-- Returns their values in this order, or nothing when there is no such batch.
-- Needs: members, watchers.
local key = batch_key(ARGV[1])
local values = redis.call('HMGET', key, unpack(ARGV, 3))
if not values[1] then return false end
if ARGV[2] ~= '' and redis.call('HEXISTS', key, 'ended_at') == 0 then watch(key, ARGV[2]) end
return values
