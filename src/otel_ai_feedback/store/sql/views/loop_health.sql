-- What of the loop itself is broken now?
select *
from loop_health_at(as_of = now64(3, 'UTC'))
