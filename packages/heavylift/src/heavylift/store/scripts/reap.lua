-- The same as hand_on, for every consumer whose lease has ended: its guardian, pod or node is gone.
-- ARGV: consumers at most, deaths at which a task is quarantined, retention in ms, index limit.
-- Returns per consumer {name, requeued, buried}.
local now = now_ms()
local reaped = {}
for _, consumer in ipairs(redis.call('ZRANGEBYSCORE', CONSUMERS, '-inf', int(now), 'LIMIT', 0, tonumber(ARGV[1]))) do
  local handed = hand_on(consumer, 1, tonumber(ARGV[2]), 'its lease ended', now, tonumber(ARGV[3]), tonumber(ARGV[4]))
  reaped[#reaped + 1] = {consumer, handed[1], handed[2]}
end
return reaped
