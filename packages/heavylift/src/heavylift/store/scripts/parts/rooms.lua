-- Queues in which only so many tasks may wait.
-- Needs: pausing, pulse.

-- What there is to know of the room in a queue. What has not ended waits, for its time or for a worker, unless it is in hand.
local function look_for_room(queue, limit)
  local came, gone = passed(queue)
  local waiting = came - gone
  for _, executor in ipairs(EXECUTORS) do
    for _, lane in ipairs(LANES) do
      local stream = lane_key(line_of(queue, executor), lane)
      if redis.call('XLEN', stream) > 0 then waiting = waiting - (group_of_stream(stream) or 0) end
    end
  end
  return {limit = limit, waiting = math.max(0, waiting), came = came, gone = gone}
end

-- What is told of a task for which there is none: how many ended there, and in how many ms. While the queue is paused none leaves.
local function no_room(queue, room, now, beat_ms)
  local told = {'', '', 'refused', queue, room.limit, room.waiting}
  local beat = pulse(queue, room.came, room.gone, now, beat_ms)
  if #pause_of(queue, now) > 0 then beat = {0, 0, beat_ms} end
  told[7], told[8] = beat[2], beat[3]
  return told
end
