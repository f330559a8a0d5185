-- Tasks that a consumer has before it and has not begun.
-- Needs: record.

-- Put back what a consumer's blocking read has taken and it has not claimed.
local function put_back(h)
  dequeue(h.line, h.lane, h.entry)
  local entry = enqueue(h.id, h.line, 'returned')
  if entry == h.entry then  -- two streams may name one millisecond alike, and who holds the old pointer would have the task
    redis.call('XDEL', lane_key(h.line, 'returned'), entry)
    entry = enqueue(h.id, h.line, 'returned')
  end
  redis.call('HSET', task_key(h.id), 'lane', 'returned', 'entry', entry)
end

-- One that was in hand at two deaths of which nobody knows whose fault they were. See `hand_on`.
local SUSPECT = 2
local function is_suspect(r) return tonumber(r.doubts or 0) >= SUSPECT end
