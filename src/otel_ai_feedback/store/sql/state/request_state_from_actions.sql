-- What user actions say of the request that they are linked to, while the output is not known: they
-- carry no ai_feedback.output.time. That there was a handle is for the delivered event to say: were
-- actions taken as proof of delivery, only outputs that people acted on would be counted.
create materialized view if not exists request_state_from_actions to request_state as
with
    SpanAttributes['ai_feedback.action.name'] as action,
    toFloat64OrNull(SpanAttributes['ai_feedback.action.value']) as value,
    SpanAttributes['ai_feedback.action.checkpoint'] as checkpoint,
    toNullable(toDateTime64(Timestamp, 3, 'UTC')) as at
select
    toDate(Timestamp, 'UTC') as day,
    lower(Links.TraceId[1]) as trace_id,
    lower(Links.SpanId[1]) as request_span_id,
    if(action = 'seen', at, null) as seen_at,
    if(action = 'copy' and ifNull(value, 1) >= 0.5, at, null) as copied_at,
    if(action = 'copy' and ifNull(value, 1) < 0.5, at, null) as copied_part_at,
    if(action = 'edit', at, null) as edited_at,
    if(
        action = 'edit',
        (
            if(checkpoint != '', toUInt32OrZero(checkpoint), 4294967295),
            assumeNotNull(at),
            toUInt8(ifNull(value, 0) > 0.33)
        ),
        (0, toDateTime64(0, 3, 'UTC'), 0)
    ) as last_edit,
    if(action = 'accept', at, null) as accepted_at,
    if(action = 'insert', at, null) as inserted_at,
    if(action = 'share', at, null) as shared_at,
    if(action in ('reject', 'undo'), at, null) as rejected_at,
    if(action = 'reask', at, null) as reasked_at,
    if(action = 'regenerate', at, null) as regenerated_at,
    if(action = 'close' and ifNull(value, 0) < 0.5, at, null) as closed_at,
    if(action = 'rating', at, null) as rated_at,
    if(action = 'escalate', at, null) as escalated_at,
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
