-- What share of outputs is good, with its 95 % interval, per window of closed weeks, as known now?
select *
from quality_within(as_of = now64(3, 'UTC'), since = '1970-01-01')
