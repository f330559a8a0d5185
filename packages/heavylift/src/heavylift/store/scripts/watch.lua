-- Read fields of a record and, unless it has ended, have its end published to a channel. ARGV: id, channel, or an empty channel for
-- a mere read, names of the fields. Returns their values in this order, or nothing when there is no such task.
-- Needs: record.
local record = redis.call('HMGET', task_key(ARGV[1]), unpack(ARGV, 3))
if not record[1] or ARGV[2] == '' then return record[1] and record end

-- Every start of an API brings another channel. Who falls out of the newest is back with its next look.
local MOST = 32

local r = read(ARGV[1], {'state', 'watchers'})
if LIVE[r.state] then
  local channels, known = {}, false
  for channel in string.gmatch(r.watchers or '', '[^ ]+') do
    channels[#channels + 1] = channel
    known = known or channel == ARGV[2]
  end
  if not known then
    channels[#channels + 1] = ARGV[2]
    local newest = table.concat(channels, ' ', math.max(1, #channels - MOST + 1))
    redis.call('HSET', task_key(ARGV[1]), 'watchers', newest)
  end
end
return record
