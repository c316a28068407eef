-- When did some answers begin, of those that the store has?
select
    concat(trace_id, '-', span_id) as output_id,
    max(started) as began
from output_facts
where
    trace_id in {trace_ids:Array(String)}
    and present
group by trace_id, span_id
