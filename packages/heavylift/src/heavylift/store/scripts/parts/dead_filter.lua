-- Finding dead letters by what they have in common.
-- Needs: dead.

local GROUPS_LOOKED_AT = 1000  -- the largest, so that no call holds Redis for long

-- The filter of a call, from ARGV: kind, queue, reason, fingerprint, each '' where any will do, and the reach.
local function filter_from(at)
  local filter = {}
  for i, name in ipairs(FOUND_BY) do
    local value = ARGV[at + i - 1]
    if value ~= '' then filter[name] = name == 'tenant' and string.sub(value, 2) or value end
  end
  return filter
end

local function fits(r, filter)
  for name, value in pairs(filter) do
    if r[name] ~= value then return false end
  end
  return true
end

-- The groups that fit, as {group, how many, what its members have in common}, the largest first; and whether these are all.
local function groups_that_fit(filter)
  local found = {}
  local groups = redis.call('ZREVRANGE', DEAD_GROUPS, 0, GROUPS_LOOKED_AT - 1, 'WITHSCORES')
  for i = 1, #groups, 2 do
    local values, r = cjson.decode(groups[i]), {}
    for j, name in ipairs(FOUND_BY) do r[name] = values[j] end
    if fits(r, filter) then found[#found + 1] = {groups[i], tonumber(groups[i + 1]), r} end
  end
  return found, #groups < 2 * GROUPS_LOOKED_AT
end

-- The sorted set in which all that fit are, or nil when nothing fits. A filter that fits one group needs to look at nothing else.
local function source_of(filter)
  if next(filter) == nil then return DEAD end
  local found, all = groups_that_fit(filter)
  if not all or #found > 1 then return DEAD end
  return found[1] and group_key(found[1][1])
end

-- Call `visit(id, moment)` for the dead letters of `page`, ids and moments by turns, that fit, until it returns true. Returns the moment
-- of the last one that was looked at. Those whose record somebody has deleted by hand are removed.
local function each_that_fits(source, page, filter, visit)
  local moment
  for i = 1, #page, 2 do
    local id = page[i]
    moment = page[i + 1]
    local values, r = redis.call('HMGET', task_key(id), unpack(FOUND_BY)), {}
    for j, name in ipairs(FOUND_BY) do r[name] = values[j] or '' end
    if not values[1] then
      redis.call('ZREM', source, id)
    elseif fits(r, filter) and visit(id, moment) then
      break
    end
  end
  return moment
end
