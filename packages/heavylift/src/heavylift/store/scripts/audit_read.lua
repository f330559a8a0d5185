-- One page of the audit log, the newest first. ARGV: entries wanted, entries looked at at most, cursor ('' or the id after which to go
-- on), and '' or '=' and what is wanted of tenant, action, key and target. Returns {cursor or '', {id, {field, value, …}, end or ''}, …}.
-- Needs: audit.
local wanted, budget, cursor = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

-- What is asked for are the first four fields of an entry, in the order in which they are written.
local function fits(values)
  for i = 1, 4 do
    local asked = ARGV[3 + i]
    if asked ~= '' and asked ~= '=' .. values[2 * i] then return false end
  end
  return true
end

local page, last = {''}, ''
local found = redis.call('XREVRANGE', AUDIT, cursor == '' and '+' or '(' .. cursor, '-', 'COUNT', budget)
for _, entry in ipairs(found) do
  if #page > wanted then
    page[1] = last
    return page
  end
  last = entry[1]
  if fits(entry[2]) then page[#page + 1] = {last, entry[2], redis.call('HGET', AUDIT_ENDS, last) or ''} end
end
if #found == budget then page[1] = last end
return page
