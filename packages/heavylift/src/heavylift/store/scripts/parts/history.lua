-- What became of the attempts of a task that did not succeed: a list beside its record, a JSON object for each. A task that succeeds
-- at once has none.
-- Needs: record.

-- Of more than MOST entries the first FIRST and the newest are kept: how it began, and how it goes now.
local FIRST, MOST = 5, 50

-- Note what became of the attempt that ends now. `r` has attempt, fence, worker, queued_at and started_at; `said` is a JSON object with more to
-- say of it, or ''.
local function note(id, r, now, fate, said)
  local key = history_key(id)
  local entry = '{"attempt":' .. r.attempt .. ',"run":' .. r.fence .. ',"worker":' .. cjson.encode(r.worker or '')
    .. ',"queued_at":' .. (r.queued_at or 'null') .. ',"started_at":' .. (r.started_at or 'null') .. ',"ended_at":' .. int(now) .. ',"fate":"' .. fate .. '"'
    .. (said == '' and '}' or ',' .. string.sub(said, 2))
  if redis.call('RPUSH', key, entry) > MOST then
    redis.call('LSET', key, FIRST, '')
    redis.call('LREM', key, 1, '')
  end
end
