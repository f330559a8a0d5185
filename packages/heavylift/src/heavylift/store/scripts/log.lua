-- Lines of the log of a task. ARGV: id, the place after which, portions at most. Returns {pairs of place and text}, or nothing when
-- there is no such task.
if redis.call('EXISTS', task_key(ARGV[1])) == 0 then return false end
local log = {}
for _, entry in ipairs(redis.call('XRANGE', log_key(ARGV[1]), '(' .. ARGV[2], '+', 'COUNT', ARGV[3])) do
  log[#log + 1] = {entry[1], entry[2][2]}
end
return {log}
