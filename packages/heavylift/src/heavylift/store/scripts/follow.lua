-- Read what those who follow a task are told of it and, unless it has ended, have every change published to a channel. ARGV: id,
-- channel ('' for a mere read), the place in its log after which lines are wanted, portions of the log at most, names of the fields.
-- Returns {their values in this order, what became of its attempts as JSON objects, portions of its log as pairs of place and text},
-- or nothing when there is no such task.
-- Needs: record, watchers.
local id, channel = ARGV[1], ARGV[2]
local record = redis.call('HMGET', task_key(id), unpack(ARGV, 5))
if not record[1] then return false end
if channel ~= '' and LIVE[record[1]] then watch(task_key(id), channel) end
local log = {}
for _, entry in ipairs(redis.call('XRANGE', log_key(id), '(' .. ARGV[3], '+', 'COUNT', ARGV[4])) do
  log[#log + 1] = {entry[1], entry[2][2]}
end
return {record, redis.call('LRANGE', history_key(id), 0, -1), log}
