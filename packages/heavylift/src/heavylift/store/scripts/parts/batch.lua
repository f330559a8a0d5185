-- What the tasks of one call do to the same keys is done for all of them together, by `flush`, which the loader of scripts puts at
-- their end: a command for a hundred members costs little more than one for a single member. A script that wants to read what it
-- has put off flushes before.
local put_off, in_order, counts, bounds = {}, {}, {}, {}

-- Put off a command that takes any number of members, for one of them, or for a score and its member.
local function defer(command, key, member, scored)
  local keys = put_off[command]
  if not keys then keys = {}; put_off[command] = keys end
  local args = keys[key]
  if not args then
    args = command == 'XACK' and {command, key, GROUP} or {command, key}
    args.first = #args + 1
    keys[key] = args
    in_order[#in_order + 1] = args
  end
  args[#args + 1] = member
  if scored then args[#args + 1] = scored end
end

local function count(queue, what)
  local key = P .. ':counters:' .. queue
  counts[key] = counts[key] or {}
  counts[key][what] = (counts[key][what] or 0) + 1
end

-- An index that has no more members than were just added is new. Those whose names are without number are swept some day.
local function announce(key)
  local name = string.sub(key, #P + 8)  -- behind ":index:"
  if not string.find(name, '^state:') and name ~= 'all:' then redis.call('ZADD', INDEXES, int(now_ms()), name) end
end

local function flush()
  for _, args in ipairs(in_order) do
    for first = args.first, #args, 1000 do  -- Lua's stack bounds what one call can take; 1000 keeps pairs together
      local last = math.min(first + 999, #args)
      if args.first == 4 then
        redis.call(args[1], args[2], args[3], unpack(args, first, last))
      else
        redis.call(args[1], args[2], unpack(args, first, last))
      end
    end
  end
  for key, limit in pairs(bounds) do
    local size = redis.call('ZCARD', key)
    if size > limit + 64 then redis.call('ZREMRANGEBYRANK', key, 0, -(limit + 1)) end
    if size <= (#put_off.ZADD[key] - 2) / 2 then announce(key) end
  end
  for key, whats in pairs(counts) do
    for what, n in pairs(whats) do redis.call('HINCRBY', key, what, n) end
  end
  put_off, in_order, counts, bounds = {}, {}, {}, {}
end

-- Add a task to an index that holds the newest `limit` tasks, and up to 64 more so that most calls need not remove any. It counts
-- the index itself: taking every 64th seq instead would never trim a kind that is submitted in step with another one.
local function index(by, value, seq, id, limit)
  if limit == 0 then return end
  local key = index_key(by, value)
  defer('ZADD', key, seq, id)
  bounds[key] = limit
end
