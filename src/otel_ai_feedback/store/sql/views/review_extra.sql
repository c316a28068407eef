-- Which outputs does somebody want read that chance did not draw for it, now?
select *
from review_extra_at(as_of = now64(3, 'UTC'))
