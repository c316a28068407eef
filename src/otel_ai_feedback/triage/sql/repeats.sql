-- What broke more than once in the last 90 days, the worst first?
select *
from repeat_offenders
order by incidents + reopened desc, last_opened_at desc
limit 20
