-- What a task was given before replays gave it something else. ARGV: id, the runs after which it was replaced. Returns a payload or
-- nothing for each.
-- Needs: payloads.
local names = {}
for i = 2, #ARGV do names[#names + 1] = former_payload(ARGV[i]) end
return redis.call('HMGET', task_key(ARGV[1]), unpack(names))
