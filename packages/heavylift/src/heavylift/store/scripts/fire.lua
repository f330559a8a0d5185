-- A schedule makes its tasks and comes again later, in one step: of several who fire the same time one does it. ARGV: place, version,
-- the time that has come in ms ('' where somebody triggers it), when it comes next in ms or '', ms between that and the one after it,
-- times missed, how many tasks there are, the id of each and its time in ms, then what `submit` takes.
-- All tasks are taken or none; none is nothing done. Returns what `submit` does, or nothing when the schedule is another by now or has fired.
-- Needs: schedules.
-- Calls: submit.
local place, version, due, following, apart, missed = unpack(ARGV, 1, 6)
local tasks, key = tonumber(ARGV[7]), schedule_key(ARGV[1])
local k = redis.call('HMGET', key, 'version', 'next_at', 'tasks')
if k[1] ~= version or (due ~= '' and k[2] ~= due) then return false end
local asked = {}
for i = 8 + 2 * tasks, #ARGV do asked[#asked + 1] = ARGV[i] end
local answers = tasks == 0 and {} or submit(asked)
if answers.err or answers[3] == 'refused' then return answers end  -- it comes again when there is room

local now, last, fired, skipped = int(now_ms()), k[3] and cjson.decode(k[3]) or {}, 0, 0
for i, answer in ipairs(answers) do
  table.insert(last, 1, {#answer > 5 and answer[4] or ARGV[6 + 2 * i], answer[3], ARGV[7 + 2 * i], now})
  if answer[3] == 'new' then fired = fired + 1 elseif answer[3] == 'existing' then skipped = skipped + 1 end
end
while #last > LAST_TASKS do table.remove(last) end
if tasks > 0 then redis.call('HSET', key, 'tasks', cjson.encode(last)) end
if fired > 0 then redis.call('HINCRBY', key, 'fired', fired) end
if skipped > 0 then redis.call('HINCRBY', key, 'skipped', skipped) end
if missed ~= '0' then redis.call('HINCRBY', key, 'missed', missed) end
if due ~= '' then
  if tasks > 0 then redis.call('HSET', key, 'last_at', ARGV[7 + 2 * tasks]) end
  come_next(place, following, apart)
end
return answers
