-- A running task asks for what a former run of it left. ARGV: id, fence, field. Returns {1, value as JSON or nil}, or {0} when the
-- fence is stale.
local held = redis.call('HMGET', task_key(ARGV[1]), 'state', 'fence', ARGV[3])
if held[1] ~= 'running' or held[2] ~= ARGV[2] then return {0} end
return {1, held[3]}
