-- What are incidents caused by, month by month?
select *
from incident_causes_at(as_of = now64(3, 'UTC'))
