-- Which share of last week's people came back this week?
select *
from returning_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
)
