-- Which share of the questions is unlike anything that the team tests with, and of the bad answers, as known now?
select *
from untested_at(as_of = now64(3, 'UTC'))
