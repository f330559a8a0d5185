-- Payloads that a replay has replaced stay with the record, each under the run that was the last to have it.
local function former_payload(run) return 'payload:' .. run end
