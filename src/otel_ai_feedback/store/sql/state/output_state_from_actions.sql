-- What user actions say of the outputs that they are linked to. The thresholds are those of the
-- signals' definitions: half of the text copied is use, an edit ratio above .33 is a heavy edit.
-- An edit is looked at while it lasts; the one that was submitted counts, else the last look at it.
-- Actions of probes, and actions on outputs that were not sampled, say nothing of an output.
create materialized view if not exists output_state_from_actions to output_state as
with
    SpanAttributes['ai_feedback.action.name'] as action,
    toFloat64OrNull(SpanAttributes['ai_feedback.action.value']) as value,
    toInt64OrNull(SpanAttributes['ai_feedback.output.time']) as output_time,
    SpanAttributes['ai_feedback.action.checkpoint'] as checkpoint,
    toDateTime64(Timestamp, 3, 'UTC') as at
select
    toDate(toDateTime(assumeNotNull(output_time), 'UTC'), 'UTC') as output_day,
    lower(Links.TraceId[1]) as trace_id,
    lower(Links.SpanId[1]) as span_id,
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
    and ifNull(output_time between 0 and 4102444800, false)
    and Links.TraceId[1] != ''
    and Links.SpanId[1] != ''
    and lower(SpanAttributes['ai_feedback.output.sampled']) != 'false'
    and lower(SpanAttributes['ai_feedback.probe']) != 'true'
    and lower(ResourceAttributes['ai_feedback.probe']) != 'true'
