-- Who waits for the end of something: channels, one for each API, in the field `watchers` of a hash.

-- Every start of an API brings another channel. Who falls out of the newest is back with its next look.
local MOST = 32

local function watch(key, channel)
  local channels, known = {}, false
  for other in string.gmatch(redis.call('HGET', key, 'watchers') or '', '[^ ]+') do
    channels[#channels + 1] = other
    known = known or other == channel
  end
  if known then return end
  channels[#channels + 1] = channel
  redis.call('HSET', key, 'watchers', table.concat(channels, ' ', math.max(1, #channels - MOST + 1)))
end
