-- One page of tasks, newest first, from the shortest index that fits; but for a batch or a live state from its own, which is complete,
-- and for a tenant from that of the tenant, so that what others do pushes nothing out of it.
-- ARGV: records wanted, records looked at at most, cursor ('' or the seq after which to go on), names of the fields as JSON, when it was
-- submitted at the earliest and before which moment ('' for any), then pairs of what to filter by and its value. Returns {cursor or '', {id, values of the fields}, …}. Entries whose record is gone are
-- removed on the way.
-- Needs: record.
local wanted, budget, cursor, names = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], cjson.decode(ARGV[4])
local source, size
local PREFERRED = {batch = -3, state = -2, tenant = -1}
local earliest, before = tonumber(ARGV[5]), tonumber(ARGV[6])
local filters = {}
for i = 7, #ARGV, 2 do
  local key = index_key(ARGV[i], ARGV[i + 1])
  local members = redis.call('ZCARD', key)
  if ARGV[i] ~= 'state' or LIVE[ARGV[i + 1]] then members = PREFERRED[ARGV[i]] or members end
  -- Those of no tenant have no index: they are most of all, where there are no tenants.
  if ARGV[i] == 'tenant' and ARGV[i + 1] == '' then members = math.huge end
  if members < (size or math.huge) then source, size = key, members end
  filters[ARGV[i]] = ARGV[i + 1]
end
source = source or index_key('all', '')

local function fits(record)
  local submitted_at = tonumber(record.submitted_at)
  if (earliest and submitted_at < earliest) or (before and submitted_at >= before) then return false end
  for by, value in pairs(filters) do
    if by == 'tag' then
      local found = false
      for _, tag in ipairs(record.tags and cjson.decode(record.tags) or {}) do found = found or tag == value end
      if not found then return false end
    elseif (record[by] or by == 'tenant' and '') ~= value then
      return false
    end
  end
  return true
end

local from = cursor == '' and '+inf' or '(' .. cursor
local page = {''}
local candidates = redis.call('ZREVRANGEBYSCORE', source, from, '-inf', 'WITHSCORES', 'LIMIT', 0, budget)
for i = 1, #candidates, 2 do
  local id, seq = candidates[i], candidates[i + 1]
  if #page > wanted then
    return page
  end
  local values = redis.call('HMGET', task_key(id), unpack(names))
  if not values[1] then
    redis.call('ZREM', source, id)
  else
    local record = {}
    for j, name in ipairs(names) do record[name] = values[j] end
    if fits(record) then page[#page + 1] = {id, values} end
  end
  page[1] = seq
end
if #candidates < 2 * budget then page[1] = '' end
return page
