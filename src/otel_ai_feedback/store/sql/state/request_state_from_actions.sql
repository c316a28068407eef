-- What user actions say of the request that they are linked to, while the output is not known: they
-- carry no ai_feedback.output.time. That there was a handle is for the delivered event to say: were
-- actions taken as proof of delivery, only outputs that people acted on would be counted.
create materialized view if not exists request_state_from_actions to request_state as
with
    SpanAttributes['ai_feedback.action.name'] as action,
    toFloat64OrNull(SpanAttributes['ai_feedback.action.value']) as value,
    SpanAttributes['ai_feedback.action.checkpoint'] as checkpoint,
    toDateTime64(Timestamp, 3, 'UTC') as at
select
    toDate(Timestamp, 'UTC') as day,
    lower(Links.TraceId[1]) as trace_id,
    lower(Links.SpanId[1]) as request_span_id,
    {{done}} as done,
    if(
        action = 'edit',
        (
            if(checkpoint != '', toUInt32OrZero(checkpoint), 4294967295),
            at,
            toUInt8(ifNull(value, 0) > 0.33)
        ),
        (0, toDateTime64(0, 3, 'UTC'), 0)
    ) as last_edit,
    now('UTC') as arrived
from otel_traces
where
    mapContains(SpanAttributes, 'ai_feedback.action.name')
    and SpanAttributes['ai_feedback.link.method'] = 'request'
    and not mapContains(SpanAttributes, 'ai_feedback.output.time')
    and Links.TraceId[1] != ''
    and Links.SpanId[1] != ''
    and lower(SpanAttributes['ai_feedback.output.sampled']) != 'false'
    and lower(SpanAttributes['ai_feedback.probe']) != 'true'
    and lower(ResourceAttributes['ai_feedback.probe']) != 'true'
