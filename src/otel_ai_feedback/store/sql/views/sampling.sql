-- How much of each service's traffic is here, and how is that known, as of now?
select *
from sampling_at(as_of = now64(3, 'UTC'))
