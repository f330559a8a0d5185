-- One schedule, with its payload. ARGV: place. Returns {now, and the schedule where there is one}.
-- Needs: schedules.
return {int(now_ms()), schedule_told(ARGV[1], true)}
