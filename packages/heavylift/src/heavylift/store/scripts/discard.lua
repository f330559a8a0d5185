-- failed → (nothing): dead letters go for good, with their records. ARGV: reach, ids.
-- Returns per task {state that it is in, 1 when this call discarded it}, or {} when there is none.
-- Needs: dead, tenants.
local replies = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  local state = reaches(ARGV[1], id) and redis.call('HGET', task_key(id), 'state')
  replies[i - 1] = state and {state, delete(id, 'discarded') and 1 or 0} or {}
end
return replies
