-- Tasks that were submitted together, a batch. It knows how many items it is to have; each makes a task or is spared one, because there
-- is such a task already; and it counts how its tasks end, and keeps in which order. It is over when all of that has come.
-- Needs: batch, record, stir.
local MOST_MEMBERS = 10000
local COUNTED = {'items', 'made', 'spared', 'succeeded', 'failed', 'cancelled', 'expired', 'watchers'}

local function batch_key(batch) return P .. ':batch:' .. batch end
local function ends_key(batch) return P .. ':ends:' .. batch end  -- list: how each of its tasks has ended, and which, in this order

local function tell(watchers, id)
  for channel in string.gmatch(watchers, '[^ ]+') do redis.call('PUBLISH', channel, id) end
end

-- Note whether a batch is over now, and tell who waits for that, and until then those who follow it that it has changed.
local function settle(batch)
  local n = redis.call('HMGET', batch_key(batch), unpack(COUNTED))
  for i = 1, 7 do n[i] = tonumber(n[i] or 0) end
  if n[2] + n[3] < n[1] or n[4] + n[5] + n[6] + n[7] < n[2] then
    redis.call('HDEL', batch_key(batch), 'ended_at')
    if n[8] then stir(batch, n[8]) end
  elseif redis.call('HSETNX', batch_key(batch), 'ended_at', int(now_ms())) == 1 then
    if n[8] then tell(n[8], batch) end
  end
end

-- Count what became of one more of its items or tasks, or of one fewer. One that was forgotten is not remembered again. `ended` is a
-- task that has ended now; those of one call are written down together.
local LETTERS = {succeeded = 's', failed = 'f', cancelled = 'c', expired = 'e'}
local function count_in(batch, what, by, ended)
  if redis.call('EXISTS', batch_key(batch)) == 0 then return end
  if ended then defer('RPUSH', ends_key(batch), LETTERS[what] .. ended) end
  redis.call('HINCRBY', batch_key(batch), what, by)
  settle(batch)
end

-- An item has made a task, and a batch with tasks lives for as long as any of them. Whoever changes a batch settles it, which for many
-- items is done once.
local function join(item, changed, seq, id, keep)
  keep('batch', item.batch)
  index('batch', item.batch, seq, id, MOST_MEMBERS)
  redis.call('HINCRBY', batch_key(item.batch), 'made', 1)
  redis.call('PERSIST', batch_key(item.batch))
  changed[item.batch] = true
end

-- An item is spared a task, and is so once, however often it comes.
local function spare(item, changed)
  if redis.call('HSETNX', batch_key(item.batch), 'spared:' .. item.number, '1') == 0 then return end
  redis.call('HINCRBY', batch_key(item.batch), 'spared', 1)
  changed[item.batch] = true
end

local function is_member(id, item) return redis.call('HGET', task_key(id), 'batch') == item.batch end
