-- The same as hand_on, for every consumer whose lease has ended: its guardian, pod or node is gone.
-- ARGV: consumers at most, deaths at which a task is quarantined, how much is kept, lease in ms.
-- Returns per consumer {name, requeued, buried, cancelled}.
-- Needs: hands.
local now, keep, lease_ms = now_ms(), keeping(3), tonumber(ARGV[6])
local reaped = {}

-- Workers reap several times per lease. When nobody has for half of one, Redis or all of them were away, and leases ended without
-- anybody being dead: those who live get a lease's time to renew before anything is taken from them. The question is Redis' to
-- answer, as a reap that was sent before the pause may be the first to run after it.
local last = tonumber(redis.call('HGET', P .. ':reaping', 'last') or 0)
redis.call('HSET', P .. ':reaping', 'last', int(now))
if now - last > lease_ms / 2 then redis.call('HSET', P .. ':reaping', 'not_before', int(now + lease_ms)) end
if lease_ms > 0 and now < tonumber(redis.call('HGET', P .. ':reaping', 'not_before') or 0) then return reaped end

local dead = redis.call('ZRANGEBYSCORE', CONSUMERS, '-inf', int(now), 'LIMIT', 0, tonumber(ARGV[1]))

-- A consumer that was declared dead may sleep on in a blocking read, take an entry and then really die. It is in no list of leases;
-- its groups remember it, also when somebody else has ended what it took.
local strays = {}
local function look_for_strays(stream)
  local known = redis.pcall('XINFO', 'CONSUMERS', stream, GROUP)
  for _, told in ipairs(known.err and {} or known) do
    local name, pending = told[2], told[4]
    if not redis.call('ZSCORE', CONSUMERS, name) then
      if pending == 0 then
        redis.call('XGROUP', 'DELCONSUMER', stream, GROUP, name)
      elseif not strays[name] then
        strays[name] = true
        dead[#dead + 1] = name
      end
    end
  end
end
each_lane(function(line, lane) look_for_strays(lane_key(line, lane)) end)

-- One of whose tasks something is damaged waits until that is mended, and is told of when there is nobody else to tell of.
local trouble
for _, consumer in ipairs(dead) do
  local done, handed = pcall(hand_on, consumer, '1', '', tonumber(ARGV[2]), 'its lease ended', now, keep)
  if done then reaped[#reaped + 1] = {consumer, unpack(handed)} else trouble = handed end
end
if trouble and #reaped == 0 then return type(trouble) == 'table' and trouble or redis.error_reply(trouble) end
return reaped
