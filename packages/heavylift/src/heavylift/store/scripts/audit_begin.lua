-- (nothing) → a deed that is begun. ARGV: deeds kept, tenant, action, key, target, door, name, request, details as JSON. Returns its id.
-- Needs: audit.
local id = redis.call('XADD', AUDIT, '*', 'tenant', ARGV[2], 'action', ARGV[3], 'key', ARGV[4], 'target', ARGV[5], 'door', ARGV[6],
  'name', ARGV[7], 'request', ARGV[8], 'details', ARGV[9])

-- A few at a time: where the limit was lowered, a thousand calls are not to be paid for by one.
local too_many = math.min(redis.call('XLEN', AUDIT) - tonumber(ARGV[1]), 100)
if too_many > 0 then
  local gone = {}
  for _, entry in ipairs(redis.call('XRANGE', AUDIT, '-', '+', 'COUNT', too_many)) do gone[#gone + 1] = entry[1] end
  redis.call('XDEL', AUDIT, unpack(gone))
  redis.call('HDEL', AUDIT_ENDS, unpack(gone))
end
return id
