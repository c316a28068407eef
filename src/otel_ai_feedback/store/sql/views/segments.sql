-- Which parts of each group have moved, and which of that is more than luck, as known now?
select *
from segments_at(as_of = now64(3, 'UTC'))
