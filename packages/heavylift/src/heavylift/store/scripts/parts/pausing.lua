-- Queues that give nothing out for a while. A group that stands behind the last place that a stream can have is given nothing, by no
-- claim and by no blocking read: so who takes tasks does not have to look whether a queue is paused, and cannot come too early.
local PAUSED = P .. ':paused'         -- sorted set: queue → until when it is paused
local PLACES = P .. ':paused:places'  -- hash: stream → where its group goes on
local BEHIND_ALL = '18446744073709551615-18446744073709551615'
local function pause_key(queue) return P .. ':pause:' .. queue end

-- What there is to say of the pause of a queue: since when, until when or '', by whom, why. Nothing when it is not paused.
local function pause_of(queue, now)
  local ends = redis.call('ZSCORE', PAUSED, queue)
  if not ends or tonumber(ends) <= now then return {} end
  return redis.call('HMGET', pause_key(queue), 'since', 'ends_at', 'by', 'reason')
end

-- How many entries of a stream are in hand, and behind which one those begin that nobody has been given. Nothing without a group.
local function group_of_stream(stream)
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  if groups.err or not groups[1] then return nil end
  local group = {}
  for i = 1, #groups[1], 2 do group[groups[1][i]] = groups[1][i + 1] end
  local place = group['last-delivered-id']
  if place == BEHIND_ALL then place = redis.call('HGET', PLACES, stream) end
  return group['pending'], place, group['last-delivered-id'] == BEHIND_ALL
end

-- Let a queue give again what it has. Who waits for its streams is woken by an entry that is gone before anybody reads it.
local function resume(queue)
  if redis.call('ZREM', PAUSED, queue) == 0 then return false end
  for _, executor in ipairs(EXECUTORS) do
    for _, lane in ipairs(LANES) do
      local stream = lane_key(line_of(queue, executor), lane)
      local _, place, stands = group_of_stream(stream)
      if stands then
        redis.call('XGROUP', 'SETID', stream, GROUP, place)
        redis.call('HDEL', PLACES, stream)
        if redis.call('XLEN', stream) > 0 then redis.call('XDEL', stream, redis.call('XADD', stream, '*', 'id', '')) end
      end
    end
  end
  redis.call('DEL', pause_key(queue))
  return true
end
