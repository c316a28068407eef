-- How much of what goes wrong has nobody seen yet, and need one go on looking?
select *
from unseen_modes_at(as_of = now64(3, 'UTC'))
