-- Which of the doctor's spans have arrived, and what is left of what they said?
select
    countIf(SpanId = {span_id:String}) as outputs,
    anyIf(SpanAttributes['ai_feedback.output.hash'], SpanId = {span_id:String}) as output_hash,
    countIf(
        TraceId = {action_trace_id:String} and mapContains(SpanAttributes, 'ai_feedback.action.name')
    ) as actions,
    countIf(
        TraceId = {action_trace_id:String}
        and mapContains(SpanAttributes, 'ai_feedback.action.name')
        and Links.SpanId[1] = {span_id:String}
    ) as linked,
    countIf(SpanAttributes['ai_feedback.subject'] = {subject:String}) as erasable,
    countIf(
        lower(SpanAttributes['ai_feedback.probe']) = 'true'
        or lower(ResourceAttributes['ai_feedback.probe']) = 'true'
    ) as marked
from otel_traces
where
    Timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    and Timestamp <= fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    and TraceId in ({trace_id:String}, {action_trace_id:String})
