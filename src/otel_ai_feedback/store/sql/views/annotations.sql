-- What changed that can move a signal without the answers being any better or worse, as known now?
select *
from annotations_at(as_of = now64(3, 'UTC'))
