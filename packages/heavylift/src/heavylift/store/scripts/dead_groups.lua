-- What fails most: dead letters grouped by what they have in common, the largest groups first. ARGV: groups at most, the earliest and
-- the latest moment in µs ('-inf', '+inf'), filter in five values. Returns {1 when more groups fit or may fit, {how many, first and
-- last moment in µs, id and error of the last, kind, queue, reason, fingerprint, tenant}, …}.
-- Needs: dead_filter.
local most, since, till = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local fitting, all = groups_that_fit(filter_from(4))

local found = {}
for _, fit in ipairs(fitting) do
  local size = redis.call('ZCOUNT', group_key(fit[1]), since, till)
  if size > 0 then found[#found + 1] = {fit[1], size, fit[3]} end
end
table.sort(found, function(a, b) return a[2] > b[2] end)

-- The last of a group, its moment and its error. Those whose record somebody has deleted by hand are removed.
local function last_of(group)
  while true do
    local last = redis.call('ZREVRANGEBYSCORE', group_key(group), till, since, 'WITHSCORES', 'LIMIT', 0, 1)
    local err = last[1] and redis.call('HGET', task_key(last[1]), 'error')
    if err or not last[1] then return last[1], last[2], err end
    leave_group(last[1], group)
  end
end

local replies = {(#found > most or not all) and 1 or 0}
for i = 1, math.min(most, #found) do
  local group, size, r = unpack(found[i])
  local id, moment, err = last_of(group)
  if id then
    local first = redis.call('ZRANGEBYSCORE', group_key(group), since, till, 'WITHSCORES', 'LIMIT', 0, 1)
    replies[#replies + 1] = {size, first[2], moment, id, err, r.kind, r.queue, r.reason, r.fingerprint, r.tenant}
  end
end
return replies
