-- How many outputs showed each signal, each hour, as known at a given time?
--
-- Counted anew over the whole history; `signals` reads what the jobs have counted.
select *
from signals_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
)
