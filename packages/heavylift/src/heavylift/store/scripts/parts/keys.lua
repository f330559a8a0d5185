-- What every script begins with. KEYS[1] is the partition, such as "heavylift:{p0}", and every other key begins with it, so all of
-- them live in one slot of a Redis Cluster. Times are Redis' own, in milliseconds since the epoch: the clocks of workers and of
-- the API do not matter.
local P = KEYS[1]

-- A Redis that is full refuses a script at its first write that may need memory, and lets one that has written go on, because it
-- could not stop midway. Whoever is to get through comes with a second key, where there is nothing, and deletes it first.
if KEYS[2] then redis.call('UNLINK', KEYS[2]) end

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function int(n) return string.format('%.0f', n) end

-- To the minute, so that what happens often seldom changes anything.
local function minute(ms) return int(ms - ms % 60000) end

local function task_key(id) return P .. ':task:' .. id end
local function history_key(id) return P .. ':history:' .. id end
local function log_key(id) return P .. ':log:' .. id end
local function line_of(queue, executor) return queue .. ':' .. executor end
local function stream_key(stream) return P .. ':queue:' .. stream end
local function lane_key(line, lane) return P .. ':queue:' .. line .. ':' .. lane end
local function index_key(by, value) return P .. ':index:' .. by .. ':' .. value end
local function consumer_key(name) return P .. ':consumer:' .. name end

local CONSUMERS = P .. ':consumers'  -- sorted set: consumer → when its lease ends
local SCHEDULED = P .. ':scheduled'  -- sorted set: task → when it is due
local EXPIRING = P .. ':expiring'    -- sorted set: task → when it is too late to start it
local QUEUES = P .. ':queues'        -- sorted set: queue → when it was last submitted to or served, to the minute
local INDEXES = P .. ':indexes'      -- sorted set: index, such as "tag:nightly" → when it was made or last swept
local LIMITS = P .. ':limits'        -- hash: queue → how many tasks may wait in it
local GROUP = 'workers'

-- A queue has a line for each kind of child, and a line has four lanes.
local EXECUTORS = {'process', 'threads', 'asyncio'}

-- What came back from a dead or stopping worker waited longest; then the three priorities.
local LANES = {'returned', 'high', 'normal', 'low'}
