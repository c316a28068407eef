-- Did a signal change significantly, when, and in which direction?
select *
from drift_live_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01')
