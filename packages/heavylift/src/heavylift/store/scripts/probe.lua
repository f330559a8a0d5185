-- A write of what is nobody's: what refuses it refuses submissions, too. ARGV: durability. Returns 1, or the error REPLICALESS.
-- Needs: replicas.
if replicaless(ARGV[1]) then return redis.error_reply('REPLICALESS nobody would confirm it') end
redis.call('SET', P .. ':probe', '1', 'PX', 60000)
return 1
