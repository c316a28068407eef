-- Who was told of which incident, and did it get through?
select *
from notifications_at(as_of = now64(3, 'UTC'))
