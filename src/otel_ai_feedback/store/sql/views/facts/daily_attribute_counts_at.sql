-- How many outputs and actions of each day have which property, as known at a given time?
--
-- Counted from the outputs themselves, over the whole history; `daily_attribute_counts` reads what the jobs have counted.
select *
from daily_attribute_counts_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
)
