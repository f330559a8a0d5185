-- What the workers have before them. ARGV: horizon in ms, how many tasks of a stream, and of those due soon, are looked at.
-- Returns {now, lines, {{queue, {field, value, …}}, …}, paused queues} with what guardians told of its runs; a line is {queue, executor, ready,
-- running, due soon, age of the oldest and of the newest in ms, {kind, how many tasks it stands for, …}}.
-- Needs: schedules, looks, pausing, runs.
local horizon_ms, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = now_ms()
local lines, known = {}, {}

local function line_at(queue, executor)
  local name = line_of(queue, executor)
  if not known[name] then
    known[name] = {queue = queue, executor = executor, ready = 0, running = 0, due = 0, kinds = {}}
    lines[#lines + 1] = known[name]
  end
  return known[name]
end

local function stands_for(line, kind, number)
  if kind then line.kinds[kind] = (line.kinds[kind] or 0) + number end
end

-- Some entries from the beginning and the end of what is ready, or all. What stands between them is not looked at: a stream has no
-- ranks by which it could be.
local function sample(stream, look)
  if look.ready <= most then return redis.call('XRANGE', stream, look.after, '+', 'COUNT', most) end
  local entries = redis.call('XRANGE', stream, look.after, '+', 'COUNT', most / 2)
  for _, entry in ipairs(redis.call('XREVRANGE', stream, '+', look.after, 'COUNT', most / 2)) do entries[#entries + 1] = entry end
  return entries
end

local function add_ready(line, stream, look)
  line.ready = line.ready + look.ready
  line.oldest = math.min(line.oldest or now, look.oldest)
  local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1][1]
  line.newest = math.max(line.newest or 0, tonumber(string.match(newest, '^%d+')))
  local entries = sample(stream, look)
  for _, entry in ipairs(entries) do
    stands_for(line, redis.call('HGET', task_key(entry[2][2]), 'kind'), look.ready / #entries)
  end
end

local function look_at(queue, executor)
  for _, lane in ipairs(LANES) do
    local stream = lane_key(line_of(queue, executor), lane)
    local look = look_into(stream)
    if look.ready + look.running > 0 then
      local line = line_at(queue, executor)
      line.running = line.running + look.running
      if look.ready > 0 then add_ready(line, stream, look) end
    end
  end
end

-- Tasks whose time comes within the horizon: all of them, or as many as are looked at, evenly spread over it.
local function look_ahead()
  local soon = redis.call('ZCOUNT', SCHEDULED, '-inf', int(now + horizon_ms))
  local looked_at = math.min(soon, most)
  for i = 0, looked_at - 1 do
    local rank = math.floor(i * soon / looked_at)
    local id = redis.call('ZRANGE', SCHEDULED, rank, rank)[1]
    local r = redis.call('HMGET', task_key(id), 'queue', 'executor', 'kind')
    if r[1] then
      local line = line_at(r[1], r[2])
      line.due = line.due + soon / looked_at
      stands_for(line, r[3], soon / looked_at)
    end
  end
end

-- What schedules will submit within the horizon: of each that comes as many tasks as it has times in it.
local function foresee()
  local ends, foreseen = now + horizon_ms, {}
  local coming = redis.call('ZRANGEBYSCORE', SCHEDULES, '-inf', int(ends), 'WITHSCORES', 'LIMIT', 0, 4 * most)
  for i = 1, #coming, 2 do
    local at = tonumber(coming[i + 1])
    local r = redis.call('HMGET', schedule_key(coming[i]), 'queue', 'executor', 'kind', 'apart')
    local apart = tonumber(r[4] or 0)
    local times = apart > 0 and math.floor((ends - math.max(at, now)) / apart) + 1 or 1
    if r[1] then foreseen[#foreseen + 1] = {r[1], r[2], r[3], times, int(at)} end
  end
  return foreseen
end

local function row(line)
  local kinds = {}
  for kind, number in pairs(line.kinds) do
    kinds[#kinds + 1] = kind
    kinds[#kinds + 1] = string.format('%.3f', number)
  end
  local oldest, newest = line.oldest and now - line.oldest or 0, line.newest and now - line.newest or 0
  return {line.queue, line.executor, line.ready, line.running, math.floor(line.due + 0.5), oldest, newest, kinds}
end

local rows, runs = {}, {}
for _, queue in ipairs(redis.call('ZRANGE', QUEUES, 0, -1)) do
  for _, executor in ipairs(EXECUTORS) do look_at(queue, executor) end
  local told = redis.call('HGETALL', runs_key(queue))
  if #told > 0 then runs[#runs + 1] = {queue, told} end
end
look_ahead()
for _, line in ipairs(lines) do rows[#rows + 1] = row(line) end
return {int(now), rows, runs, redis.call('ZRANGEBYSCORE', PAUSED, '(' .. int(now), '+inf'), foresee()}
