-- How long tasks ran: a hash for each queue with "attempts:executor:kind" and "us:executor:kind", microseconds.
local function runs_key(queue) return P .. ':runs:' .. queue end
