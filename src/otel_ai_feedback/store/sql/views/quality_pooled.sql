-- What share of the outputs of all groups together is good, per window of closed weeks, as known now?
select *
from quality_pooled_at(as_of = now64(3, 'UTC'))
