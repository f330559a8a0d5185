-- What guardians tell of the runs that have ended. ARGV: queue, "executor:kind", attempts, microseconds, and so on. A queue that has
-- been forgotten meanwhile stays so.
-- Needs: runs.
for i = 1, #ARGV, 4 do
  local queue, place = ARGV[i], ARGV[i + 1]
  if redis.call('ZSCORE', QUEUES, queue) then
    redis.call('HINCRBY', runs_key(queue), 'attempts:' .. place, ARGV[i + 2])
    redis.call('HINCRBY', runs_key(queue), 'us:' .. place, ARGV[i + 3])
  end
end
