-- Whether something is to be on a replica and there is none that could take it.
local function replicaless(durability)
  return durability == 'replica' and string.find(redis.call('INFO', 'replication'), 'connected_slaves:0', 1, true)
end
