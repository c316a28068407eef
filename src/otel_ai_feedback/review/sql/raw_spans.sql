-- What has been recorded on an output's span, and on those of its trace with the same text?
select
    lower(SpanId) as span_id,
    ScopeName as scope,
    SpanAttributes as attributes,
    Events.Name as event_names,
    Events.Attributes as event_attributes
from otel_traces
where
    TraceId = {trace_id:String}
    and Timestamp >= {day:Date} - 1
    and Timestamp < {day:Date} + 2
    and
    (
        lower(SpanId) = {span_id:String}
        or
        (
            {output_hash:String} != ''
            and SpanAttributes['ai_feedback.output.hash'] = {output_hash:String}
        )
    )
order by lower(SpanId) != {span_id:String}, Timestamp
limit 5
