-- What a stream holds, without reading it.
-- Needs: pausing.

-- How many entries of a stream are ready and how many running, behind which one the ready ones begin, and when the oldest of them
-- came, in ms, or nil.
local function look_into(stream)
  local look, length = {ready = 0, running = 0, after = '-'}, redis.call('XLEN', stream)
  if length == 0 then return look end  -- what runs stays in its stream until it ends, so most streams are empty
  local running, place = group_of_stream(stream)
  if running then look.running, look.after = running, '(' .. place end
  look.ready = length - look.running
  local first = redis.call('XRANGE', stream, look.after, '+', 'COUNT', 1)
  look.oldest = first[1] and tonumber(string.match(first[1][1], '^%d+'))
  return look
end
