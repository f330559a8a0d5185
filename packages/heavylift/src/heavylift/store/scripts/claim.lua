-- queued → running. ARGV: consumer, how many at most, how much is kept, entries that a blocking read has already taken out of
-- their streams for this consumer as JSON [[stream, entry, id], …] or 'own' to look for them, then two values for each stream in
-- the order of reading: "queue:executor:lane" and how many of its tasks make a whole claim. Each claim raises the fence.
-- Returns {started_at, {how many from each stream that was read}, deliveries in their order …}, or {} when there were none; a
-- consumer whose lease was ended gets the error LEASELOST, one that is to take nothing more the error RESTS.
-- Needs: ends, waiting.
-- Seldom needs: hands, stir.
local consumer, wanted, keep = ARGV[1], tonumber(ARGV[2]), keeping(3)
local now = now_ms()
local lease = redis.call('ZSCORE', CONSUMERS, consumer)
if not lease then
  -- Its blocking read may have taken entries after it was declared dead: nobody else would see them.
  seldom()
  hand_on(consumer, '0', '', math.huge, 'its lease had ended', now, keep)
  return redis.error_reply('LEASELOST ' .. consumer)
end
if lease % 1 > 0 then  -- the mark of one that rests: see the part `resting`
  if ARGV[6] ~= '[]' then
    seldom()
    for _, h in ipairs(held_by(consumer)) do if h.r.state == 'queued' then put_back(h) end end
  end
  return redis.error_reply('RESTS ' .. consumer)
end

local CLAIMED = {'state', 'seq', 'entry', 'fence', 'attempt', 'deaths', 'expires_at', 'doubts', 'kind', 'payload', 'form',
  'max_attempts', 'submitted_at', 'queued_at', 'traceparent', 'headers', 'watchers'}
local started_at = int(now)
local numbers, taken = {}, 0
local reply = {started_at, numbers}
local room = 0  -- how many may be taken until the next stream is read

local function take(stream, entry, id)
  local r = read(id, CLAIMED)
  if not r or r.entry ~= entry then return drop(stream_key(stream), entry) end
  if r.state ~= 'queued' then return end  -- a repeated claim: the entry is the lease of what is in hand, or gone
  if too_late(r, now) then return expire(id, read(id), now, keep) end
  -- The blocking read may take more than there is room for; and one that is suspected of killing its worker is claimed alone.
  if taken >= room or (is_suspect(r) and taken > 0) then
    wanted, room = taken, taken
    r = read(id)
    return put_back({line = r.line, lane = r.lane, entry = entry, id = id})
  end
  if is_suspect(r) then wanted, room = 1, 1 end
  if r.expires_at then defer('ZREM', EXPIRING, id) end
  local fence = tonumber(r.fence) + 1
  move(id, r.seq, 'queued', 'running', 'fence', fence, 'worker', consumer, 'started_at', started_at)
  if r.watchers then
    seldom()
    stir(id, r.watchers)
  end
  local checkpoint = fence > 1 and redis.call('HGET', task_key(id), 'checkpoint') or nil  -- a first run finds none
  taken = taken + 1
  reply[2 + taken] = {id, r.kind, r.payload, r.form, fence, r.attempt, r.max_attempts, r.deaths, r.submitted_at, r.queued_at,
    r.traceparent or '', r.headers or '', checkpoint}
end

-- Take from one stream until there is no more room or it is empty. Returns an error of Redis, if there was one.
local function drain(stream, key)
  while taken < room do
    local asked = room - taken
    local found = redis.pcall('XREADGROUP', 'GROUP', GROUP, consumer, 'COUNT', asked, 'STREAMS', key, '>')
    if not found then return end
    if not found.err then
      local messages = found[1][2]
      for _, message in ipairs(messages) do take(stream, message[1], message[2][2]) end
      if #messages < asked then return end
    elseif string.find(found.err, 'NOGROUP', 1, true) then
      redis.call('XGROUP', 'CREATE', key, GROUP, '0', 'MKSTREAM')
    else
      return found
    end
  end
end

-- What a blocking read that was sent together with this claim has taken. Its consumer had nothing in hand, so its list is short.
local function find_waiting()
  local found = {}
  for i = 7, #ARGV, 2 do
    local key = stream_key(ARGV[i])
    local pending = redis.call('XLEN', key) > 0 and redis.pcall('XPENDING', key, GROUP, '-', '+', 1000, consumer) or {}
    for _, p in ipairs(pending) do
      local entry = redis.call('XRANGE', key, p[1], p[1])[1]
      if entry then found[#found + 1] = {ARGV[i], p[1], entry[2][2]} end
    end
  end
  return #found > 0 and found
end

local waiting = ARGV[6] == 'own' and find_waiting() or ARGV[6] ~= 'own' and ARGV[6] ~= '[]' and cjson.decode(ARGV[6])
local function take_waiting(stream)
  for _, w in ipairs(waiting or {}) do
    if not w.taken and (not stream or w[1] == stream) then
      w.taken = true
      take(unpack(w))
    end
  end
end

local part = 1  -- of this claim that is still to be filled
for i = 7, #ARGV, 2 do
  local stream, before = ARGV[i], taken
  local key = stream_key(stream)
  -- Most lanes are empty most of the time, and to ask for the length is the cheapest way to see it.
  if waiting or redis.call('XLEN', key) > 0 then
    local batch = tonumber(ARGV[i + 1])
    room = math.min(wanted, before + math.ceil(part * batch - 1e-6))
    take_waiting(stream)
    local failed = drain(stream, key)
    if failed then return failed end
    part = part - (taken - before) / batch
  end
  numbers[#numbers + 1] = taken - before
  if taken >= wanted or part < 1e-6 then break end
end
room = taken
take_waiting()
return taken == 0 and {} or reply
