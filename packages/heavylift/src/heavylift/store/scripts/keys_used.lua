-- Keys were used. That is no change of which somebody has to learn at once. ARGV: ids. Returns how many of them there are.
-- Needs: api_keys.
local known = 0
for _, id in ipairs(ARGV) do
  if redis.call('EXISTS', api_key(id)) == 1 then
    redis.call('HSET', api_key(id), 'used_at', int(now_ms()))
    known = known + 1
  end
end
return known
