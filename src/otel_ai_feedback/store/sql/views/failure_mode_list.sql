-- Which failure modes are there by name, what do they mean, and how often were they named lately?
select *
from failure_mode_list_at(as_of = now64(3, 'UTC'))
