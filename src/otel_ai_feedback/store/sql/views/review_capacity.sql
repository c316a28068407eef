-- How many outputs can be read in the time that was promised, and for how many groups is that enough?
select *
from review_capacity_at(as_of = now64(3, 'UTC'))
