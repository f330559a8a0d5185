-- Read what those who follow a batch are told of it and, unless it is over, have every change published to a channel. ARGV: id, channel (''
-- for a mere read), how many ends are known, ends at most, names of the fields. Returns {their values in this order, how many ends there
-- are by now, the ends behind those that are known: the letter of a state and the id of a task}, or nothing when there is no such batch.
-- Needs: members, watchers.
local key, ends = batch_key(ARGV[1]), ends_key(ARGV[1])
local known, most = tonumber(ARGV[3]), tonumber(ARGV[4])
local values = redis.call('HMGET', key, unpack(ARGV, 5))
if not values[1] then return false end
if ARGV[2] ~= '' and redis.call('HEXISTS', key, 'ended_at') == 0 then watch(key, ARGV[2]) end
return {values, redis.call('LLEN', ends), redis.call('LRANGE', ends, known, known + most - 1)}
