-- A worker publishes its catalogue. ARGV: pairs of kind name and description as JSON.
for i = 1, #ARGV, 2 do redis.call('HSET', P .. ':catalogue', ARGV[i], ARGV[i + 1]) end
return #ARGV / 2
