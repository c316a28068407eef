-- That a handle for a request left the service after its LLM span had ended, or before any began.
create materialized view if not exists request_state_from_events to request_state as
select
    toDate(Timestamp, 'UTC') as day,
    lower(TraceId) as trace_id,
    lower(SpanId) as request_span_id,
    toUInt8(1) as handled,
    now('UTC') as arrived
from otel_logs
where
    TraceId != ''
    and SpanId != ''
    and if(EventName != '', EventName, LogAttributes['event.name']) = 'ai_feedback.output.delivered'
    and LogAttributes['ai_feedback.handle.kind'] = 'request'
