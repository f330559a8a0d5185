-- Requests that may be repeated: what was answered to the first lies under their key, written in the step that made the task, and so
-- either both are there or none, whatever dies. `terms` is a table of the key, the fingerprint of what is asked for, and for how long
-- the answer is kept in ms.
-- Needs: replicas.
local function answer_key(terms) return P .. ':idempotency:' .. terms.key end

local function keep_answer(terms, state, at, id, kind, queue, traceparent)
  redis.call('SET', answer_key(terms), cjson.encode({terms.fingerprint, state, at, id, kind, queue, traceparent}), 'PX', terms.keep_ms)
end

-- What the caller is to be told if it has asked under this key before, else nil.
local function answered(terms, durability)
  local kept = redis.call('GET', answer_key(terms))
  if not kept then return nil end
  local fingerprint, state, at, id, kind, queue, traceparent = unpack(cjson.decode(kept))
  confirmed_again(durability)
  return {state, at, fingerprint == terms.fingerprint and 'repeated' or 'reused', id, kind, queue, traceparent}
end
