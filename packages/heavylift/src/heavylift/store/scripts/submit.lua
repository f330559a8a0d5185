-- (nothing) → scheduled | queued. Record, indexes and queue entry come to be together or not at all.
-- ARGV: index limit, durability, how many tasks may wait in a queue that has no limit of its own ('': any number), 1 when all are to be
-- taken or none, the beat of pulses in ms, then sixteen values for each task, of which the last is JSON of what seldom comes with it, or ''. An id
-- that is known already changes nothing, nor does what was asked for before under its idempotency key: repeating a submit is safe.
-- Nor does one whose unique key another task holds; and one that is debounced changes the task that waits for its key. Returns per task {state, submitted_at, new | known | taken}, or of a task with another id
-- {…, repeated | reused | existing, id, kind, queue, traceparent, existing}. In a queue with a limit a new task is told {…, new, limit, room
-- left}, and one for which there is no room is refused: {'', '', refused, queue, limit, how many wait, how many ended, in how many ms}, which is
-- the whole reply where all are to be taken or none. Or the error REPLICALESS.
-- Needs: record, replicas.
-- Seldom needs: answers, debounce, members, rooms, unique.
local index_limit, durability, usual_limit, beat_ms = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[5])
local FIRST, EACH = 6, 16
if replicaless(durability) then return redis.error_reply('REPLICALESS nobody would confirm it') end
local now = now_ms()
local replies, batches, rooms = {}, {}, {}

-- The room in a queue, or false where there is no limit; looked up once, and kept by the tasks that are taken in here.
local function room_in(queue)
  if rooms[queue] == nil then
    local limit = redis.call('HGET', LIMITS, queue) or usual_limit
    rooms[queue] = false
    if limit ~= '' then
      seldom()
      flush()  -- what goes on with what runs may have come with this very call, before anybody looked
      rooms[queue] = look_for_room(queue, tonumber(limit))
    end
  end
  return rooms[queue]
end

-- Whether a task is one that there is already, or goes on with what runs: those are taken in whatever there is room for.
local function asks_for_no_room(i)
  local terms = ARGV[i + 15] ~= '' and cjson.decode(ARGV[i + 15]) or {}
  return terms.onward or redis.call('EXISTS', task_key(ARGV[i])) == 1 or answered(terms, durability) or holder(terms, durability, now)
    or quiet_one(terms, now)
end

-- What is told when all are to be taken or none and there is no room for all.
local function no_room_for_all()
  local wanted, queues = {}, {}
  for i = FIRST, #ARGV, EACH do
    local queue = ARGV[i + 2]
    if room_in(queue) and not asks_for_no_room(i) then
      if not wanted[queue] then queues[#queues + 1] = queue end
      wanted[queue] = (wanted[queue] or 0) + 1
    end
  end
  for _, queue in ipairs(queues) do
    local room = rooms[queue]
    if room.waiting + wanted[queue] > room.limit then return no_room(queue, room, now, beat_ms) end
  end
end
local together = ARGV[4] == '1' and #ARGV > FIRST + EACH
if together then
  local refusal = no_room_for_all()
  if refusal then return refusal end
end

for i = FIRST, #ARGV, EACH do
  local id, kind, queue, priority, form, payload = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5]
  local delay_ms, eta_ms, expires_at = ARGV[i + 6], ARGV[i + 7], ARGV[i + 8]
  local tags, max_attempts, traceparent, headers = ARGV[i + 9], ARGV[i + 10], ARGV[i + 11], ARGV[i + 12]
  local executor, tenant, terms, told, item = ARGV[i + 13], ARGV[i + 14], ARGV[i + 15], nil, nil
  if terms ~= '' then
    seldom()
    terms = cjson.decode(terms)
    item = terms.item
    told = answered(terms, durability)
  end
  local known = told or redis.call('HMGET', task_key(id), 'state', 'submitted_at', 'tenant')
  if terms ~= '' and not known[1] then
    told = holder(terms, durability, now) or ask_again(terms, durability, now, id, form, payload, headers)
    if told then keep_answer(terms, told) end
    if told and item then spare(item, batches) end
  end

  if told then
    replies[#replies + 1] = told
  elseif known[1] then
    confirmed_again(durability)
    if item and not is_member(id, item) then spare(item, batches) end
    replies[#replies + 1] = {known[1], known[2], (known[3] or '') == tenant and 'known' or 'taken'}
  elseif not together and not (terms ~= '' and terms.onward) and room_in(queue) and rooms[queue].waiting >= rooms[queue].limit then
    local refusal = no_room(queue, rooms[queue], now, beat_ms)
    if ARGV[4] == '1' then return refusal end
    replies[#replies + 1] = refusal
  else
    local seq = redis.call('INCR', P .. ':seq')
    local due = now
    if delay_ms ~= '' then due = now + tonumber(delay_ms) elseif eta_ms ~= '' then due = tonumber(eta_ms) end
    local state = due > now and 'scheduled' or 'queued'

    local record = {'state', state, 'seq', seq, 'kind', kind, 'queue', queue, 'executor', executor, 'priority', priority,
      'form', form, 'payload', payload, 'attempt', 1, 'max_attempts', max_attempts, 'fence', 0, 'deaths', 0, 'submitted_at', int(now)}
    local function keep(name, value) record[#record + 1] = name; record[#record + 1] = value end
    if tenant ~= '' then keep('tenant', tenant) end
    if tags ~= '[]' then keep('tags', tags) end
    if traceparent ~= '' then keep('traceparent', traceparent) end
    if headers ~= '' then keep('headers', headers) end
    if terms ~= '' then
      hold(terms, seq, id, now, keep)
      wait_quietly(terms, seq, id, now, keep)
    end
    if item then join(item, batches, seq, id, keep) end
    if expires_at ~= '' then
      keep('expires_at', expires_at)
      defer('ZADD', EXPIRING, expires_at, id)
    end
    if state == 'scheduled' then
      keep('due_at', int(due))
      keep('first_due_at', int(due))  -- what is due later, for another attempt, takes the place of the other
      defer('ZADD', SCHEDULED, int(due), id)
    else
      keep('queued_at', int(now))
      keep('lane', priority)
      keep('entry', enqueue(id, line_of(queue, executor), priority))
    end
    redis.call('HSET', task_key(id), unpack(record))

    defer('ZADD', index_key('state', state), seq, id)
    index('all', '', seq, id, index_limit)
    index('kind', kind, seq, id, index_limit)
    index('queue', queue, seq, id, index_limit)
    if tenant ~= '' then index('tenant', tenant, seq, id, index_limit) end
    if tags ~= '[]' then
      for _, tag in ipairs(cjson.decode(tags)) do index('tag', tag, seq, id, index_limit) end
    end
    defer('ZADD', QUEUES, minute(now), queue)
    count(queue, 'submitted')
    if terms ~= '' then keep_answer(terms, {state, int(now), 'new', id, kind, queue, traceparent, 0}) end
    local room = rooms[queue]
    local told = {state, int(now), 'new'}
    if room then
      room.waiting = room.waiting + 1
      if not (terms ~= '' and terms.onward) then told[4], told[5] = room.limit, math.max(0, room.limit - room.waiting) end
    end
    replies[#replies + 1] = told
  end
end
for batch in pairs(batches) do settle(batch) end
return replies
