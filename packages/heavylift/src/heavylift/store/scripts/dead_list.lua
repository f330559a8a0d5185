-- One page of dead letters, the latest first. ARGV: records wanted, records looked at at most, cursor ('' or the moment after which to go
-- on), the earliest and the latest moment in µs ('-inf', '+inf'), filter in five values, names of the fields.
-- Returns {cursor or '', {id, values of the fields}, …}.
-- Needs: dead_filter.
local wanted, budget, cursor, since, till = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local filter = filter_from(6)
local source = source_of(filter)
if not source then return {''} end

local from = cursor == '' and till or '(' .. cursor
local page = redis.call('ZREVRANGEBYSCORE', source, from, since, 'WITHSCORES', 'LIMIT', 0, budget)
local found = {}
local last = each_that_fits(source, page, filter, function(id)
  found[#found + 1] = {id, redis.call('HMGET', task_key(id), unpack(ARGV, 11))}
  return #found == wanted
end)
local more = last and (last ~= page[#page] or #page == 2 * budget)
return {more and last or '', unpack(found)}
