-- Whose something is. `reach` says whose tasks a caller reaches: '' everybody's, else '=' and a tenant, which alone is nobody's in
-- particular.
local function is_reached(reach, tenant) return reach == '' or reach == '=' .. (tenant or '') end

local function reaches(reach, id) return reach == '' or is_reached(reach, redis.call('HGET', task_key(id), 'tenant')) end
