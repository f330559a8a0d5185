-- Those who follow a task or a batch are told that something has changed. A channel for ends hears of nothing else.
local function stir(id, watchers)
  for channel in string.gmatch(watchers or '', '[^ ]+') do
    if string.find(channel, ':changes:', 1, true) then redis.call('PUBLISH', channel, id) end
  end
end
