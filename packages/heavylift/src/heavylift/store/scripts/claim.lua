-- queued → running. ARGV: consumer, how many at most, how much is kept, the lines in the order of reading as JSON,
-- entries that a blocking read has already taken out of their streams for this consumer as JSON [[line, lane, entry, id], …].
-- Each claim raises the fence. Returns the deliveries; a consumer whose lease was ended gets the error LEASELOST.
-- Needs: hands.
local consumer, wanted, keep = ARGV[1], tonumber(ARGV[2]), keeping(3)
local now = now_ms()
if not redis.call('ZSCORE', CONSUMERS, consumer) then
  -- Its blocking read may have taken entries after it was declared dead: nobody else would see them.
  hand_on(consumer, '0', '', math.huge, 'its lease had ended', now, keep)
  return redis.error_reply('LEASELOST ' .. consumer)
end

local CLAIMED = {'state', 'seq', 'queue', 'executor', 'lane', 'entry', 'fence', 'attempt', 'deaths', 'expires_at', 'doubts', 'watchers',
  'kind', 'payload', 'form', 'max_attempts', 'submitted_at', 'queued_at', 'traceparent', 'headers'}
local started_at = int(now)
local deliveries = {}

local function take(line, lane, entry, id)
  local r = read(id, CLAIMED)
  if not r or r.entry ~= entry then return dequeue(line, lane, entry) end
  if r.state ~= 'queued' then return end  -- a repeated claim: the entry is the lease of what is in hand, or gone
  if too_late(r, now) then return expire(id, r, now, keep) end
  -- The blocking read may take more than there is room for; and one that is suspected of killing its worker is claimed alone.
  if #deliveries >= wanted or (is_suspect(r) and #deliveries > 0) then
    wanted = #deliveries
    return put_back({line = line, lane = lane, entry = entry, id = id})
  end
  if is_suspect(r) then wanted = 1 end
  if r.expires_at then defer('ZREM', EXPIRING, id) end
  local fence = tonumber(r.fence) + 1
  move(id, r.seq, 'queued', 'running', 'fence', fence, 'worker', consumer, 'started_at', started_at)
  local checkpoint = fence > 1 and redis.call('HGET', task_key(id), 'checkpoint') or nil  -- a first run finds none
  deliveries[#deliveries + 1] = {id, r.kind, r.payload, r.form, r.queue, fence, r.attempt, r.max_attempts, r.deaths,
    r.submitted_at, r.queued_at, started_at, r.traceparent or '', r.headers or '', checkpoint}
end

for _, read_before in ipairs(cjson.decode(ARGV[6])) do take(unpack(read_before)) end

for _, line in ipairs(cjson.decode(ARGV[5])) do
  for _, lane in ipairs(LANES) do
    while #deliveries < wanted do
      local reply = redis.pcall('XREADGROUP', 'GROUP', GROUP, consumer, 'COUNT', wanted - #deliveries, 'STREAMS',
        lane_key(line, lane), '>')
      if not reply then break end
      if reply.err then
        if string.find(reply.err, 'NOGROUP', 1, true) then
          redis.call('XGROUP', 'CREATE', lane_key(line, lane), GROUP, '0', 'MKSTREAM')
        else
          return reply
        end
      else
        for _, message in ipairs(reply[1][2]) do take(line, lane, message[1], message[2][2]) end
      end
    end
  end
end
return deliveries
