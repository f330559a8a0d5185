-- Tasks that come again and again. What stands in the record of a schedule is its definition as JSON, which no script looks into, and
-- what scripts decide on. A time in ms that there is none of is ''.
local SCHEDULES = P .. ':schedules'  -- sorted set: "tenant/name" → when it comes next, +inf where it does not
local SCHEDULES_CHANGED = P .. ':schedules:changed'
local LAST_TASKS = 5
local function schedule_key(place) return P .. ':schedule:' .. place end

-- {place, {field, value, …}}, with the payload or without; nothing where there is no such schedule.
local TOLD = {'definition', 'version', 'created_at', 'changed_at', 'next_at', 'last_at', 'tasks', 'fired', 'skipped', 'missed', 'apart', 'payload'}
local function schedule_told(place, with_payload)
  local values = redis.call('HMGET', schedule_key(place), unpack(TOLD, 1, with_payload and #TOLD or #TOLD - 1))
  if not values[1] then return false end
  for i = 1, #values do values[i] = values[i] or '' end
  return {place, values}
end

-- It comes next at that time; ms between this and the one after it tell how often, to whoever looks ahead.
local function come_next(place, next_at, apart)
  redis.call('HSET', schedule_key(place), 'next_at', next_at, 'apart', apart)
  redis.call('ZADD', SCHEDULES, next_at == '' and '+inf' or next_at, place)
end

-- Another one after each change. It is a moment in µs and no count: a count would come to the same number again after data was lost.
local function next_version(before)
  local t = redis.call('TIME')
  return int(math.max(t[1] * 1000000 + t[2], tonumber(before or 0) + 1))
end
