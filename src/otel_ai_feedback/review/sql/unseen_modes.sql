-- How much of what goes wrong has not been seen yet, per feature, and is it worth looking for more?
select *
from unseen_modes
