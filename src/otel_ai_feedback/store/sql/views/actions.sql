-- What did people do, and with which output, as known now?
select *
from actions_at(as_of = now64(3, 'UTC'))
