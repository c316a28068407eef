-- Which incidents are there, in which state, and who has them?
select *
from incidents_at(as_of = now64(3, 'UTC'))
