-- (nothing) → scheduled | queued. Record, indexes and queue entry come to be together or not at all.
-- ARGV: index limit, durability, then sixteen values for each task, of which the last is JSON of what seldom comes with it, or ''. An id
-- that is known already changes nothing, nor does what was asked for before under its idempotency key: repeating a submit is safe.
-- Nor does one whose unique key another task holds. Returns per task {state, submitted_at, new | known | taken}, or of a task with another id
-- {…, repeated | reused | existing, id, kind, queue, traceparent, existing}, or the error REPLICALESS.
-- Needs: record, replicas.
-- Seldom needs: answers, members, unique.
local index_limit, durability = tonumber(ARGV[1]), ARGV[2]
if replicaless(durability) then return redis.error_reply('REPLICALESS nobody would confirm it') end
local now = now_ms()
local replies, batches = {}, {}

for i = 3, #ARGV, 16 do
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
    told = holder(terms, durability, now)
    if told then keep_answer(terms, told) end
    if told and item then spare(item, batches) end
  end

  if told then
    replies[#replies + 1] = told
  elseif known[1] then
    confirmed_again(durability)
    if item and not is_member(id, item) then spare(item, batches) end
    replies[#replies + 1] = {known[1], known[2], (known[3] or '') == tenant and 'known' or 'taken'}
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
    if terms ~= '' then hold(terms, seq, id, now, keep) end
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
    replies[#replies + 1] = {state, int(now), 'new'}
  end
end
for batch in pairs(batches) do settle(batch) end
return replies
