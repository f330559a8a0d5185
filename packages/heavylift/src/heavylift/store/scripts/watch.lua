-- Read a record and, unless it has ended, have its end published to a channel. ARGV: id, channel, or an empty channel for a mere read.
-- Needs: record.
local record = redis.call('HGETALL', task_key(ARGV[1]))
if #record == 0 or ARGV[2] == '' then return record end
local r = read(ARGV[1])
if r.state == 'scheduled' or r.state == 'queued' or r.state == 'running' then
  local watchers = r.watchers or ''
  if not string.find(' ' .. watchers .. ' ', ' ' .. ARGV[2] .. ' ', 1, true) then
    redis.call('HSET', task_key(ARGV[1]), 'watchers', watchers == '' and ARGV[2] or (watchers .. ' ' .. ARGV[2]))
  end
end
return record
