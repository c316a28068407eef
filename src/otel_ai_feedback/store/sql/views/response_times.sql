-- How fast are incidents answered and resolved as of now, by owner and severity?
select *
from response_times_at(as_of = now64(3, 'UTC'))
