-- What has been kept for its time goes. ARGV: how many at most, how long dead letters are kept in ms, how much is kept.
-- Returns {dead letters that were kept for their time, dead letters dropped beyond the limit}.
-- Needs: dead.
local most, dead_retention_ms, keep = tonumber(ARGV[1]), tonumber(ARGV[2]), keeping(3)
local now = now_ms()

local function delete_all(ids, what)
  local deleted = 0
  for _, id in ipairs(ids) do deleted = deleted + (delete(id, what) and 1 or 0) end
  return deleted
end

local kept = int((now - dead_retention_ms) * 1000)
local lapsed = delete_all(redis.call('ZRANGEBYSCORE', DEAD, '-inf', kept, 'LIMIT', 0, most), 'lapsed')
local extra = math.min(most, redis.call('ZCARD', DEAD) - keep.dead_limit)
local dropped = extra > 0 and delete_all(redis.call('ZRANGE', DEAD, 0, extra - 1), 'dropped') or 0
return {lapsed, dropped}
