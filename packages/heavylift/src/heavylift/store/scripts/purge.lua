-- Calls off what waits in a queue and was submitted until then, some at a time: first what waits for its time, then what waits for a worker.
-- ARGV: queue, reach, the seq of the last that is meant or '' for all until now, tasks looked at in one call, cursor ('' or state and seq
-- after which to go on), the error that their records are to show as JSON, or '' to count them only, how much is kept.
-- Returns {how many, cursor or '', the seq of the last that is meant}, or nothing when there is no such queue.
-- Needs: calling_off, tenants.
local queue, reach, till, most, cursor, err, keep = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6], keeping(7)
if not redis.call('ZSCORE', QUEUES, queue) then return false end
local now, found = now_ms(), 0
if till == '' then till = redis.call('GET', P .. ':seq') or '0' end
local state, after = string.match(cursor, '^(%a+):(.*)$')
state = state or 'scheduled'

local page = redis.call('ZRANGEBYSCORE', index_key('state', state), after and after ~= '' and '(' .. after or '-inf', till, 'WITHSCORES',
  'LIMIT', 0, most)
for i = 1, #page, 2 do
  local id = page[i]
  local r = redis.call('HMGET', task_key(id), 'queue', 'tenant')
  if r[1] == queue and is_reached(reach, r[2] or nil) then
    found = found + 1
    if err ~= '' then
      redis.call('HSET', task_key(id), 'error', err)
      call_off(id, now, keep)
    end
  end
end
if #page == 2 * most then return {found, state .. ':' .. page[#page], till} end
return {found, state == 'scheduled' and 'queued:' or '', till}
