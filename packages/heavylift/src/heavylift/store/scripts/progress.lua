-- A running task says how far it is; it stays running. ARGV: id, fence, progress as JSON. Returns 1, or 0 when the fence is stale.
-- Needs: record.
local r = read(ARGV[1])
if not r or r.fence ~= ARGV[2] or r.state ~= 'running' then return 0 end
redis.call('HSET', task_key(ARGV[1]), 'progress', ARGV[3])
return 1
