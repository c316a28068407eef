-- What broke more than once in the last 90 days?
select *
from repeat_offenders_at(as_of = now64(3, 'UTC'))
