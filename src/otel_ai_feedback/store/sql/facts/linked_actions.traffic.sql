-- Which of some traces were made by no user, and by what?
select trace_id, max(traffic) as made_by
from output_state
where traffic != '' and trace_id in {traces:Array(String)}
group by trace_id
