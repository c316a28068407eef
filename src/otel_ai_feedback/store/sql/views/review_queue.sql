-- How far is the reading of each drawn output, now?
select *
from review_queue_at(as_of = now64(3, 'UTC'))
