-- One row of each user action span. A span without an id is identified by itself.
create materialized view if not exists action_state_from_spans to action_state as
with
    toInt64OrNull(SpanAttributes['ai_feedback.output.time']) as output_time
select
    if(
        ifNull(output_time between 0 and 4102444800, false),
        toDate(toDateTime(assumeNotNull(output_time), 'UTC'), 'UTC'),
        toDate('1970-01-01')
    ) as output_day,
    if(
        SpanAttributes['ai_feedback.action.id'] != '',
        SpanAttributes['ai_feedback.action.id'],
        lower(hex(MD5(concat('action', TraceId, SpanId))))
    ) as action_id,
    toTimeZone(Timestamp, 'UTC') as time,
    SpanAttributes['ai_feedback.action.name'] as action,
    toFloat64OrNull(SpanAttributes['ai_feedback.action.value']) as value,
    SpanAttributes['annotations.0.annotation.label'] as label,
    toFloat64OrNull(SpanAttributes['ai_feedback.action.kept_share']) as kept_share,
    toUInt32OrNull(SpanAttributes['ai_feedback.action.checkpoint']) as checkpoint,
    toFloat64OrNull(SpanAttributes['ai_feedback.action.scroll_depth']) as scroll_depth,
    toFloat64OrNull(SpanAttributes['ai_feedback.action.selected_share']) as selected_share,
    SpanAttributes['ai_feedback.action.method'] as method,
    SpanAttributes['ai_feedback.action.source'] as source,
    SpanAttributes['user_agent.name'] as browser,
    toUInt32OrZero(SpanAttributes['ai_feedback.action.lost']) as lost,
    if(
        match(SpanAttributes['ai_feedback.action.reason'], '^[a-z][a-z0-9_]{0,31}$'),
        SpanAttributes['ai_feedback.action.reason'],
        ''
    ) as reason,
    ServiceName as service,
    coalesce(
        nullIf(ResourceAttributes['deployment.environment.name'], ''),
        ResourceAttributes['deployment.environment']
    ) as environment,
    SpanAttributes['ai_feedback.feature'] as feature,
    SpanAttributes['ai_feedback.subject'] as subject,
    SpanAttributes['gen_ai.conversation.id'] as conversation_id,
    SpanAttributes['session.id'] as session_id,
    SpanAttributes['gen_ai.response.id'] as response_id,
    SpanAttributes['ai_feedback.output.hash'] as output_hash,
    SpanAttributes['ai_feedback.link.method'] as link_method,
    toUInt8(SpanAttributes['ai_feedback.link.ambiguous'] = 'true') as ambiguous,
    toUInt8(lower(SpanAttributes['ai_feedback.output.sampled']) != 'false') as sampled,
    toUInt8(
        lower(SpanAttributes['ai_feedback.probe']) = 'true'
        or lower(ResourceAttributes['ai_feedback.probe']) = 'true'
    ) as probe,
    lower(Links.TraceId[1]) as linked_trace_id,
    lower(Links.SpanId[1]) as linked_span_id,
    lower(TraceId) as trace_id,
    lower(SpanId) as span_id,
    now('UTC') as arrived
from otel_traces
where mapContains(SpanAttributes, 'ai_feedback.action.name')
