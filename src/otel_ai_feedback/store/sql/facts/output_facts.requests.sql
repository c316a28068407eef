-- What are the requests of some traces whose output the sender did not know?
select
    trace_id,
    request_span_id,
    toBool(max(request_state.handled)) as handled,
    minMap(request_state.done) as done,
    max(request_state.last_edit) as last_edit
from request_state
where trace_id in {traces:Array(String)}
group by trace_id, request_span_id
