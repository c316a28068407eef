-- Which outputs were delivered, and with which outcome, as of a given time?
-- Now: Which outputs were delivered, and with which outcome, as known now?
--
-- Over the whole history; `outputs_within` asks for some days only, at the cost of those days.
select *
from outputs_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
)
