-- Every span of the traces in which the user asked or acted, as other spans of a request may carry
-- text, and every action on what was made for them.
select count()
from otel_traces
where
    SpanAttributes['ai_feedback.subject'] = {subject:String}
    or lower(TraceId) in (select trace_id from output_state where subject = {subject:String})
    or lower(TraceId) in (select trace_id from action_state where subject = {subject:String})
    or lower(Links.TraceId[1]) in (select trace_id from output_state where subject = {subject:String})
