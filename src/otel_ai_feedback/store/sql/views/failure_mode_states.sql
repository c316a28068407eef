-- Which failure modes does each group have, since when, and is one back that was closed?
select *
from failure_mode_states_at(as_of = now64(3, 'UTC'))
