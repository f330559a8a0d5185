-- Whether something is to be on a replica and there is none that could take it.
local function replicaless(durability)
  return durability == 'replica' and string.find(redis.call('INFO', 'replication'), 'connected_slaves:0', 1, true)
end

-- Something was there before, and is confirmed to who asks now: WAIT waits for what its own connection has written, and so for
-- nothing where nothing is new.
local function confirmed_again(durability)
  if durability == 'replica' then redis.call('SET', P .. ':probe', '1', 'PX', 60000) end
end
