-- Read fields of a record and, unless it has ended, have its end published to a channel. ARGV: id, channel, or an empty channel for
-- a mere read, names of the fields. Returns their values in this order, or nothing when there is no such task.
-- Needs: record, watchers.
local record = redis.call('HMGET', task_key(ARGV[1]), unpack(ARGV, 3))
if not record[1] then return false end
if ARGV[2] ~= '' and LIVE[redis.call('HGET', task_key(ARGV[1]), 'state')] then watch(task_key(ARGV[1]), ARGV[2]) end
return record
