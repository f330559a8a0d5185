-- running → queued | failed | cancelled for all that one consumer holds, because it is gone. ARGV: consumer, blame (1 when what
-- it ran may have killed it, else 0), deaths at which a task is quarantined, cause, retention in ms, index limit.
-- Returns {requeued, buried}: ids.
return hand_on(ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], now_ms(), tonumber(ARGV[5]), tonumber(ARGV[6]))
