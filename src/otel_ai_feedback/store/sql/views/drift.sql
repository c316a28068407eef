-- Did a signal leave its level, when, and in which direction, as known now?
select *
from drift_at(as_of = now64(3, 'UTC'))
