-- A batch begins, whose items are about to come. ARGV: id, how many items, how long it lives without any in ms, durability, tenant, and what is
-- to be known of its idempotency key as JSON or ''. Returns {id, standing}: of this batch, or of the one that was asked for before under
-- the key; or the error REPLICALESS.
-- Needs: answers, members.
local id, items, idle_ms, durability, tenant = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local terms = ARGV[6] == '' and {} or cjson.decode(ARGV[6])
if replicaless(durability) then return redis.error_reply('REPLICALESS nobody would confirm it') end
local told = answered(terms, durability)
if told then return {told[4], told[3]} end
if redis.call('EXISTS', batch_key(id)) == 1 then
  confirmed_again(durability)
  return {id, 'known'}
end
redis.call('HSET', batch_key(id), 'created_at', int(now_ms()), 'items', items, 'tenant', tenant)
redis.call('PEXPIRE', batch_key(id), idle_ms)
keep_answer(terms, {'', '', 'new', id})
settle(id)
return {id, 'new'}
