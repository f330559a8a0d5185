-- Every stream that there may be.

-- Call `visit(line, lane)` for every stream there may be.
local function each_lane(visit)
  for _, queue in ipairs(redis.call('ZRANGE', QUEUES, 0, -1)) do
    for _, executor in ipairs(EXECUTORS) do
      for _, lane in ipairs(LANES) do visit(line_of(queue, executor), lane) end
    end
  end
end
