-- The audit log: what operators did. A deed is an entry of a stream, and what came of it a field of a hash under the id of that entry:
-- so an entry keeps its place, and nothing that was written is written anew.
local AUDIT = P .. ':access:audit'
local AUDIT_ENDS = P .. ':access:audit:ends'
