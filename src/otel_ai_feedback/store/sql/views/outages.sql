-- Is a signal, at this hour, where it never is at this hour of the week, as known now?
select *
from outages_at(as_of = now64(3, 'UTC'))
