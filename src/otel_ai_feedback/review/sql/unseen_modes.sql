-- How much of what goes wrong has nobody seen yet, per group, and need one go on looking?
select *
from unseen_modes
