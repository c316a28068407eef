-- By which way did actions find their output, and what share of them found none, as known now?
select *
from links_at(as_of = now64(3, 'UTC'))
