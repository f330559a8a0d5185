-- Tasks that a consumer has before it and has not begun.
-- Needs: record.

-- Put back what a consumer's blocking read has taken and it has not claimed.
local function put_back(h)
  dequeue(h.line, h.lane, h.entry)
  redis.call('HSET', task_key(h.id), 'lane', 'returned', 'entry', enqueue(h.id, h.line, 'returned'))
end

-- One that was in hand at two deaths of which nobody knows whose fault they were. See `hand_on`.
local SUSPECT = 2
local function is_suspect(r) return tonumber(r.doubts or 0) >= SUSPECT end
