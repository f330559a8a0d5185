-- A guardian prolongs the leases of its children in one call, whatever they have in hand. ARGV: lease in ms, consumers.
-- Returns those whose lease had already ended: their tasks have been handed on, and their fences are stale.
local ends = int(now_ms() + tonumber(ARGV[1]))
local lost = {}
for i = 2, #ARGV do
  if redis.call('ZSCORE', CONSUMERS, ARGV[i]) then
    redis.call('ZADD', CONSUMERS, ends, ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
