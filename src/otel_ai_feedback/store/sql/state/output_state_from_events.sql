-- What the details and delivered events say of an output. A details event that carries the place in
-- the request stands in for a tag that had no room on the span.
create materialized view if not exists output_state_from_events to output_state as
with
    if(EventName != '', EventName, LogAttributes['event.name']) as event,
    toInt64OrNull(LogAttributes['ai_feedback.output.time']) as output_time,
    toFloat64OrZero(LogAttributes['ai_feedback.sampling.ratio']) as sampling_ratio
select
    toDate(toDateTime(assumeNotNull(output_time), 'UTC'), 'UTC') as output_day,
    lower(TraceId) as trace_id,
    lower(SpanId) as span_id,
    toUInt8(mapContains(LogAttributes, 'ai_feedback.request.span_id')) as tagged,
    ServiceName as service,
    coalesce(
        nullIf(ResourceAttributes['deployment.environment.name'], ''),
        ResourceAttributes['deployment.environment']
    ) as environment,
    -- of an event beside a tagged span the span says it, which may name the agent's own
    if(
        mapContains(LogAttributes, 'ai_feedback.request.span_id'),
        coalesce(
            nullIf(LogAttributes['ai_feedback.release'], ''),
            ResourceAttributes['service.version']
        ),
        ''
    ) as release,
    LogAttributes['ai_feedback.feature'] as feature,
    LogAttributes['ai_feedback.subject'] as subject,
    LogAttributes['ai_feedback.output.hash'] as output_hash,
    toUInt64OrNull(LogAttributes['ai_feedback.output.length']) as output_length,
    LogAttributes['ai_feedback.input.hash'] as input_hash,
    lower(LogAttributes['ai_feedback.input.sketch']) as input_sketch,
    lower(LogAttributes['ai_feedback.request.span_id']) as request_span_id,
    toUInt32OrZero(LogAttributes['ai_feedback.request.seq']) as request_seq,
    toFloat64OrNull(LogAttributes['ai_feedback.text.rate']) as text_rate,
    LogAttributes['ai_feedback.prompt.version'] as prompt_version,
    toUInt8(LogAttributes['ai_feedback.channel'] = 'voice') as voice,
    if(
        lower(LogAttributes['ai_feedback.probe']) = 'true'
            or lower(ResourceAttributes['ai_feedback.probe']) = 'true',
        'probe',
        ''
    ) as traffic,
    if(
        sampling_ratio > 0 and sampling_ratio <= 1,
        [1, 1 / sampling_ratio],
        []
    ) as sampling,
    toUInt8(multiIf(
        LogAttributes['ai_feedback.handle.kind'] = 'output', 1,
        LogAttributes['ai_feedback.handle.kind'] = 'request', 2,
        0
    )) as handles,
    now('UTC') as arrived
from otel_logs
where
    TraceId != ''
    and SpanId != ''
    and ifNull(output_time between 0 and 4102444800, false)
    and
    (
        event = 'ai_feedback.output.details'
        or
        (
            event = 'ai_feedback.output.delivered'
            and LogAttributes['ai_feedback.handle.kind'] = 'output'
        )
    )
