-- What was answered under an idempotency key. ARGV: durability, {key, fingerprint} as JSON. Returns what `submit` returned to the first
-- request, or nothing when there was none, or the error REPLICALESS.
-- Needs: answers.
if replicaless(ARGV[1]) then return redis.error_reply('REPLICALESS nobody would confirm it') end
return answered(cjson.decode(ARGV[2]), ARGV[1])
