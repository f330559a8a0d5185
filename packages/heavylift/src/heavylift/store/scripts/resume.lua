-- A paused queue gives out again what it has, to who waits at once. ARGV: queue. Returns 1 when it was paused, 0 when it was not, or nothing
-- when there is no such queue.
-- Needs: pausing.
local now = now_ms()
if not redis.call('ZSCORE', QUEUES, ARGV[1]) then return false end
local was = #pause_of(ARGV[1], now) > 0
resume(ARGV[1])
return was and 1 or 0
