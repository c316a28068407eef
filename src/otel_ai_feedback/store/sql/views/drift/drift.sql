-- Did a signal change significantly, when, and in which direction, as known now?
select *
from drift_within(as_of = now64(3, 'UTC'), since = '1970-01-01')
