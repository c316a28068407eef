-- How did conversations end, as known at a given time?
-- Now: How did conversations end, as known now?
--
-- Over the whole history; `conversations_within` asks for some days only, at the cost of those days.
select *
from conversations_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
)
