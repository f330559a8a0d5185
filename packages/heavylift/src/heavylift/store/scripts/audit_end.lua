-- A deed that is begun → ended. ARGV: id, what came of it, how many it changed or ''. Returns 1 when it was.
-- Needs: audit.
local id = ARGV[1]
if #redis.call('XRANGE', AUDIT, id, id) == 0 then return 0 end
return redis.call('HSETNX', AUDIT_ENDS, id, int(now_ms()) .. ' ' .. (ARGV[3] == '' and '-' or ARGV[3]) .. ' ' .. ARGV[2])
