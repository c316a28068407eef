-- Which share of last week's people came back this week, as known now?
select *
from returning_at(as_of = now64(3, 'UTC'))
