-- What was decided last, and how pools are steered. Returns {"time JSON" or '', "end since JSON" by pool …}.
local now, steering, known = now_ms(), P .. ':steering', {}
local told = redis.call('HGETALL', steering)
for i = 1, #told, 2 do
  local ends = tonumber(string.match(told[i + 1], '^%d+'))
  if ends and ends <= now then
    redis.call('HDEL', steering, told[i])
  else
    known[#known + 1], known[#known + 2] = told[i], told[i + 1]
  end
end
return {redis.call('GET', P .. ':scaling') or '', unpack(known)}
