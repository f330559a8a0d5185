-- Ids of dead letters, the earliest first. ARGV: ids wanted, records looked at at most, cursor ('' or the moment after which to go on),
-- the earliest and the latest moment in µs ('-inf', '+inf'), filter in five values.
-- Returns {cursor or '', moment of the latest dead letter of all, id, …}.
-- Needs: dead_filter.
local wanted, budget, cursor, since, till = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local filter = filter_from(6)
local latest = redis.call('ZREVRANGE', DEAD, 0, 0, 'WITHSCORES')[2]
local source = source_of(filter)
if not source or not latest then return {'', latest or '0'} end

local from = cursor == '' and since or '(' .. cursor
local page = redis.call('ZRANGEBYSCORE', source, from, till, 'WITHSCORES', 'LIMIT', 0, budget)
local found = {}
local last = each_that_fits(source, page, filter, function(id)
  found[#found + 1] = id
  return #found == wanted
end)
local more = last and (last ~= page[#page] or #page == 2 * budget)
return {more and last or '', latest, unpack(found)}
