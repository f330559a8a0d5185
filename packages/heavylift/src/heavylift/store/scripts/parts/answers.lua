-- Requests that may be repeated: what was answered to the first lies under their key, written in the step that made the task, and so
-- either both are there or none, whatever dies. `terms` has the key, the fingerprint of what is asked for, and for how long the answer
-- is kept in ms, or no key.
-- Needs: replicas.
local function answer_key(terms) return P .. ':idempotency:' .. terms.key end

-- `answer` is what `submit` returns of a task that is known: state, submitted_at, standing, id, kind, queue, traceparent, existing.
local function keep_answer(terms, answer)
  if not terms.key then return end
  redis.call('SET', answer_key(terms), cjson.encode({terms.fingerprint, answer}), 'PX', terms.keep_ms)
end

-- What the caller is to be told if it has asked under this key before, else nil.
local function answered(terms, durability)
  local kept = terms.key and redis.call('GET', answer_key(terms))
  if not kept then return nil end
  local fingerprint, answer = unpack(cjson.decode(kept))
  confirmed_again(durability)
  answer[3] = fingerprint == terms.fingerprint and 'repeated' or 'reused'
  return answer
end
