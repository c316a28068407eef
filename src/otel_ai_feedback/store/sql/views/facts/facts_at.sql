-- Of how many outputs and actions of each day was a fact true, as known at a given time?
--
-- Counted anew over the whole history; `facts` reads what the jobs have counted.
select *
from facts_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
)
