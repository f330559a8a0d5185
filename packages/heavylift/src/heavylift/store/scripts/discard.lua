-- failed → (nothing): dead letters go for good, with their records. ARGV: ids.
-- Returns per task {state that it is in, 1 when this call discarded it}, or {} when there is none.
-- Needs: dead.
local replies = {}
for i, id in ipairs(ARGV) do
  local state = redis.call('HGET', task_key(id), 'state')
  replies[i] = state and {state, delete(id, 'discarded') and 1 or 0} or {}
end
return replies
