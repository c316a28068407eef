-- Which outputs were delivered to somebody, and what has become of each by now?
select *
from outputs_at(as_of = now64(3, 'UTC'))
