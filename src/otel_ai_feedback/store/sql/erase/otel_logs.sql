-- Every log record of the traces in which the user asked or acted.
select count()
from otel_logs
where
    LogAttributes['ai_feedback.subject'] = {subject:String}
    or lower(TraceId) in (select trace_id from output_state where subject = {subject:String})
    or lower(TraceId) in (select trace_id from action_state where subject = {subject:String})
