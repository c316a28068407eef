-- How much of what goes wrong has not been seen yet, per feature?
select *
from unseen_modes_at(as_of = {as_of:DateTime64(3, 'UTC')})
order by service, environment, feature
