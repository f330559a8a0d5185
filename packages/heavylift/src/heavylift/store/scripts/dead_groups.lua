-- What fails most: dead letters grouped by what they have in common, the largest groups first. ARGV: groups at most, the earliest and
-- the latest moment in µs ('-inf', '+inf'), filter in four values. Returns {1 when more groups fit or may fit, {how many, first and
-- last moment in µs, id and error of the last, kind, queue, reason, fingerprint}, …}.
-- Needs: dead_filter.
local most, since, till = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local fitting, all = groups_that_fit(filter_from(4))

local found = {}
for _, fit in ipairs(fitting) do
  local size = redis.call('ZCOUNT', group_key(fit[1]), since, till)
  if size > 0 then found[#found + 1] = {group_key(fit[1]), size, fit[3]} end
end
table.sort(found, function(a, b) return a[2] > b[2] end)

local replies = {(#found > most or not all) and 1 or 0}
for i = 1, math.min(most, #found) do
  local key, size, r = unpack(found[i])
  local first = redis.call('ZRANGEBYSCORE', key, since, till, 'WITHSCORES', 'LIMIT', 0, 1)
  local last = redis.call('ZREVRANGEBYSCORE', key, till, since, 'WITHSCORES', 'LIMIT', 0, 1)
  local err = redis.call('HGET', task_key(last[1]), 'error') or ''
  replies[#replies + 1] = {size, first[2], last[2], last[1], err, r.kind, r.queue, r.reason, r.fingerprint}
end
return replies
