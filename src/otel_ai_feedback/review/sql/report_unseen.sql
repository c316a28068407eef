-- How much of what goes wrong has nobody seen yet, per group?
select *
from unseen_modes_at(as_of = {as_of:DateTime64(3, 'UTC')})
order by service, environment, feature
