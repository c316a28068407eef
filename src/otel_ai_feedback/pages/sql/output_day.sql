-- On which UTC day was an output made?
select output_day as day
from output_state
where
    trace_id = {trace_id:String}
    and span_id = {span_id:String}
    and tagged = 1
limit 1
