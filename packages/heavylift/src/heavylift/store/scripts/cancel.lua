-- scheduled | queued → cancelled, running stays and is asked to end. ARGV: reach, how much is kept, ids.
-- Returns per task {state that it is in now, 1 when this call asked or moved}, or {} when there is none.
-- Needs: calling_off, tenants.
local now, keep = now_ms(), keeping(2)
local replies = {}
for i = 5, #ARGV do
  local state, changed
  if reaches(ARGV[1], ARGV[i]) then state, changed = call_off(ARGV[i], now, keep) end
  replies[#replies + 1] = state and {state, changed} or {}
end
return replies
