-- Calls off tasks of a batch, some at a time. ARGV: id, tasks looked at in one call, cursor ('' or the seq after which to go on), how
-- much is kept. Returns {cancelled at once, asked to end, cursor or ''}.
-- Needs: calling_off.
local most, cursor, keep = tonumber(ARGV[2]), ARGV[3], keeping(4)
local now = now_ms()
local cancelled, asked, last = 0, 0, ''
local from = cursor == '' and '-inf' or '(' .. cursor
local members = redis.call('ZRANGEBYSCORE', index_key('batch', ARGV[1]), from, '+inf', 'WITHSCORES', 'LIMIT', 0, most)
for i = 1, #members, 2 do
  local state, changed = call_off(members[i], now, keep)
  if changed == 1 and state == 'cancelled' then cancelled = cancelled + 1 end
  if changed == 1 and state == 'running' then asked = asked + 1 end
  last = members[i + 1]
end
return {cancelled, asked, #members < 2 * most and '' or last}
