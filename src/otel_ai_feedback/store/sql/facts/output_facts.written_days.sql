-- On which days are outputs that were written since some moment?
select distinct arrayJoin([day, previous_day]) as day
from output_facts
where written_at >= {written:DateTime64(6, 'UTC')}
order by day
