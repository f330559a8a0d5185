-- Running tasks leave something in their records, and stay running: how far they are, where to go on, which effects are done; or
-- they leave lines in their logs. ARGV: lines and bytes that a log holds at most, then four values for each: id, fence, field, value
-- as JSON. Each progress is given its place among all that the task says.
-- Returns per value 1, or 0 when the fence is stale.
-- Needs: stir.
local most_lines, most_bytes = tonumber(ARGV[1]), tonumber(ARGV[2])

-- The value begins with the number of the last line and how many lines there are. A portion whose number is not higher than that of
-- the one before has come already, and its answer was lost. The oldest portions go when there are too many.
local function log(id, key, fence, value)
  local last, count, text = string.match(value, '^(%d+) (%d+) (.*)$')
  local log, place = log_key(id), fence .. '-' .. last
  if type(redis.pcall('XADD', log, place, count, text)) == 'table' then return end
  redis.call('HSET', key, 'log_at', place)
  local lines, bytes = redis.call('HINCRBY', key, 'log_lines', count), redis.call('HINCRBY', key, 'log_bytes', #text)
  while lines > most_lines or bytes > most_bytes do
    local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
    if oldest[1] == place then return end
    redis.call('XDEL', log, oldest[1])
    lines = redis.call('HINCRBY', key, 'log_lines', -oldest[2][1])
    bytes = redis.call('HINCRBY', key, 'log_bytes', -#oldest[2][2])
  end
end

-- Behind the line of the log that came before it in this run.
local function progress(key, fence, value, log_at)
  local run, line = string.match(log_at or '', '^(%d+)-(%d+)$')
  local place = fence .. '-' .. (run == fence and line or 0) .. '-' .. redis.call('HINCRBY', key, 'progressed', 1)
  redis.call('HSET', key, 'progress', value, 'progress_at', place)
end

local replies = {}
for i = 3, #ARGV, 4 do
  local id, fence, field, value = unpack(ARGV, i, i + 3)
  local key = task_key(id)
  local held = redis.call('HMGET', key, 'state', 'fence', 'watchers', 'log_at')
  local holds = held[1] == 'running' and held[2] == fence
  if holds then
    if field == 'log' then
      log(id, key, fence, value)
    elseif field == 'progress' then
      progress(key, fence, value, held[4])
    else
      redis.call('HSET', key, field, value)
    end
    if field == 'log' or field == 'progress' then stir(id, held[3]) end
  end
  replies[#replies + 1] = holds and 1 or 0
end
return replies
