-- Which user actions were there, and on which output, as known at a given time?
-- Now: Which user actions were there, and on which output, as known now?
--
-- Over the whole history; `actions_within` asks for some days only, at the cost of those days.
select *
from actions_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
)
