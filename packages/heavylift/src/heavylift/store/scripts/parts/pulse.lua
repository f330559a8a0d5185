-- How fast a queue moves: how many tasks came into it and how many ended, since one of two moments that are noted in turn, with a beat
-- between them at least.
local function pulse_key(queue) return P .. ':pulse:' .. queue end

-- Tasks of a queue that have come, and that have ended, since the beginning. What came and has not ended waits or runs.
local function passed(queue)
  local c = redis.call('HMGET', P .. ':counters:' .. queue, 'submitted', 'replayed', 'succeeded', 'failed', 'cancelled', 'expired')
  for i = 1, 6 do c[i] = tonumber(c[i] or 0) end
  return c[1] + c[2], c[3] + c[4] + c[5] + c[6]
end

-- Returns {came, ended, in how many ms}, or nothing when nobody has looked before.
local function pulse(queue, came, gone, now, beat_ms)
  local key = pulse_key(queue)
  local noted = redis.call('HMGET', key, 'at', 'came', 'ended', 'before_at', 'before_came', 'before_ended')
  for i = 1, 6 do noted[i] = tonumber(noted[i] or nil) end
  local at, before_at = noted[1], noted[4]
  if not at or now - at >= beat_ms then
    if at then redis.call('HSET', key, 'before_at', int(at), 'before_came', noted[2], 'before_ended', noted[3]) end
    redis.call('HSET', key, 'at', int(now), 'came', came, 'ended', gone)
    if at then return {came - noted[2], gone - noted[3], now - at} end
  end
  if before_at and now > before_at then return {came - noted[5], gone - noted[6], now - before_at} end
  return {}
end
