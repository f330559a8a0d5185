-- Read fields of a record and, unless it has ended, have its end published to a channel. ARGV: id, channel, or an empty channel for
-- a mere read, names of the fields. Returns their values in this order, or nothing when there is no such task.
-- Needs: record.
local record = redis.call('HMGET', task_key(ARGV[1]), unpack(ARGV, 3))
if not record[1] or ARGV[2] == '' then return record[1] and record end
local r = read(ARGV[1])
if r.state == 'scheduled' or r.state == 'queued' or r.state == 'running' then
  local watchers = r.watchers or ''
  if not string.find(' ' .. watchers .. ' ', ' ' .. ARGV[2] .. ' ', 1, true) then
    redis.call('HSET', task_key(ARGV[1]), 'watchers', watchers == '' and ARGV[2] or (watchers .. ' ' .. ARGV[2]))
  end
end
return record
