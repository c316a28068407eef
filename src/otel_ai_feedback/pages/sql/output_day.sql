-- On which UTC day was an output made?
select output_day as day
from output_facts
where
    trace_id = {trace_id:String}
    and span_id = {span_id:String}
    and present
limit 1
