-- What has to be answered, by whom and by when?
select *
from triage_open_at(as_of = now64(3, 'UTC'))
