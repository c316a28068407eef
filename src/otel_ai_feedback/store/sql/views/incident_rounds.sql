-- How long does it take to answer each incident, each time it is open, and is that in time?
select *
from incident_rounds_at(as_of = now64(3, 'UTC'))
