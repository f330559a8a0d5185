-- How people steer a pool, until they take that back or its time is over. ARGV: pool, JSON or '' to take it back, for how long in ms
-- or 0 for no end.
local now, steering = now_ms(), P .. ':steering'
if ARGV[2] == '' then
  redis.call('HDEL', steering, ARGV[1])
else
  local ends = tonumber(ARGV[3]) > 0 and int(now + tonumber(ARGV[3])) or ''
  redis.call('HSET', steering, ARGV[1], ends .. ' ' .. int(now) .. ' ' .. ARGV[2])
end
