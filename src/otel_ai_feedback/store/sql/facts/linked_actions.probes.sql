-- Which of some traces were made by a synthetic probe?
select distinct trace_id
from output_state
where probe = 1 and trace_id in {traces:Array(String)}
