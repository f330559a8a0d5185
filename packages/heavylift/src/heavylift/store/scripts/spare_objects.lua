-- Objects that no record refers to. ARGV: how many to look at, when to look again at those of records without an end, and for how
-- long what is found is told to nobody else, in ms. Returns {1 when there is more to look at, name, blank and task of each …}.
-- Needs: objects, record.
local most, again_ms, turn_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = now_ms()
local LONGEST = 4096  -- bytes of a claim check; what is longer is none, and need not be read

local function refers(key, field, name)
  local length = redis.call('HSTRLEN', key, field)
  if length == 0 or length > LONGEST then return false end
  local text = redis.call('HGET', key, field)
  return string.sub(text, 1, 1) == '@' and string.find(text, '"name":"' .. name .. '"', 1, true) ~= nil
end

-- A payload that a replay took the place of is kept beside it, under the run that it was for.
local function refers_to(key, name)
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if (field == 'payload' or field == 'result' or string.find(field, '^payload:')) and refers(key, field, name) then return true end
  end
  return false
end

local due = redis.call('ZRANGEBYSCORE', OBJECTS, '-inf', int(now), 'LIMIT', 0, most)
local reply = {#due == most and 1 or 0}
for _, member in ipairs(due) do
  local name, id = string.match(member, '^(%S+) (.*)$')
  local key = task_key(id)
  -- While a task lives somebody may be about to refer to it, however long he was held up.
  local state = (read(id, {'state'}) or {}).state
  if state and (LIVE[state] or refers_to(key, name)) then
    local left = redis.call('PTTL', key)
    redis.call('ZADD', OBJECTS, int(now + (left > 0 and left + 1 or again_ms)), member)
  else
    redis.call('ZADD', OBJECTS, int(now + turn_ms), member)
    reply[#reply + 1] = member
  end
end
return reply
