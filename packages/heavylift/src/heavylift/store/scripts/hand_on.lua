-- running → queued | failed | cancelled for all that one consumer holds, because it is gone. ARGV: consumer, blame (1 when what
-- it ran may have killed it, else 0), the task that it ran ('' when nobody knows), deaths at which a task is quarantined, cause,
-- how much is kept. Returns {requeued, buried, cancelled}: ids.
-- Needs: hands.
return hand_on(ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], now_ms(), keeping(6))
