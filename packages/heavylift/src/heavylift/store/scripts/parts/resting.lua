-- Workers that are to take nothing more. A consumer's name begins with its worker's, "celery@host/…", and who rests is a host. The
-- mark that a claim sees is on the lease that it looks at anyway: one that ends at half a millisecond. So nothing is added to the
-- way of a task.
local RESTING = P .. ':resting'  -- sorted set: host → until when its consumers take nothing more

local function host_of(consumer)
  local worker = string.match(consumer, '^[^/]*')
  return string.match(worker, '@(.*)$') or worker
end

-- A lease that ends then, with the mark or without.
local function lease_until(ms, rests) return int(math.floor(ms)) .. (rests and '.5' or '') end

local function rests_by_order(consumer, now)
  local ends = redis.call('ZSCORE', RESTING, host_of(consumer))
  return ends and tonumber(ends) > now
end
