-- What an LLM span says of its output. A span that capture has tagged carries
-- ai_feedback.output.time. One that only looks like an LLM span is kept as well, untagged: when its
-- attributes were at their limit, the tag arrives with the details event.
--
-- Under head sampling one output stands for 1/p. By the probability threshold of OpenTelemetry
-- (`ot=th:` in the trace state, up to 14 hexadecimal digits with trailing zeros left out),
-- p = 1 - threshold / 2^56.
--
-- Any span may say that no user made its request; a row of one that has no output marks its trace.
create materialized view if not exists output_state_from_spans to output_state as
with
    toInt64OrNull(SpanAttributes['ai_feedback.output.time']) as tag_time,
    ifNull(tag_time between 0 and 4102444800, false) as tag_usable,
    extract(
        extract(TraceState, '(?:^|,)[ \t]*ot=([^,]*)'),
        '(?:^|;)th:([0-9a-f]{1,14})[ \t]*(?:;|$)'
    ) as threshold_digits,
    reinterpretAsUInt64(reverse(unhex(rightPad(threshold_digits, 14, '0')))) as threshold,
    toFloat64OrZero(ResourceAttributes['ai_feedback.sampling.ratio']) as resource_ratio,
    toFloat64OrZero(SpanAttributes['ai_feedback.sampling.ratio']) as span_ratio
select
    toDate(
        if(tag_usable, toDateTime(assumeNotNull(tag_time), 'UTC'), toDateTime(Timestamp, 'UTC')),
        'UTC'
    ) as output_day,
    lower(TraceId) as trace_id,
    lower(SpanId) as span_id,
    toUInt8(mapContains(SpanAttributes, 'ai_feedback.output.time')) as tagged,
    toNullable(toTimeZone(Timestamp, 'UTC')) as started,
    toNullable(fromUnixTimestamp64Nano(
        toUnixTimestamp64Nano(Timestamp) + toInt64(Duration),
        'UTC'
    )) as ended,
    toNullable(if(
        ResourceAttributes['ai_feedback.backfill'] = 'true',
        toDateTime64(ended, 3, 'UTC'),
        now64(3, 'UTC')
    )) as ingested,
    lower(ParentSpanId) as parent_span_id,
    SpanAttributes['gen_ai.agent.name'] as agent,
    coalesce(
        nullIf(SpanAttributes['gen_ai.response.model'], ''),
        nullIf(SpanAttributes['gen_ai.request.model'], ''),
        SpanAttributes['llm.model_name']
    ) as model,
    coalesce(
        nullIf(SpanAttributes['gen_ai.conversation.id'], ''),
        nullIf(SpanAttributes['session.id'], ''),
        SpanAttributes['traceloop.association.properties.session_id']
    ) as conversation_id,
    SpanAttributes['gen_ai.response.id'] as response_id,
    toUInt8(lower(StatusCode) in ('error', 'status_code_error')) as error,
    ServiceName as service,
    coalesce(
        nullIf(ResourceAttributes['deployment.environment.name'], ''),
        ResourceAttributes['deployment.environment']
    ) as environment,
    coalesce(
        nullIf(SpanAttributes['ai_feedback.release'], ''),
        ResourceAttributes['service.version']
    ) as release,
    SpanAttributes['ai_feedback.feature'] as feature,
    SpanAttributes['ai_feedback.subject'] as subject,
    SpanAttributes['ai_feedback.output.hash'] as output_hash,
    toUInt64OrNull(SpanAttributes['ai_feedback.output.length']) as output_length,
    SpanAttributes['ai_feedback.input.hash'] as input_hash,
    lower(SpanAttributes['ai_feedback.input.sketch']) as input_sketch,
    lower(SpanAttributes['ai_feedback.request.span_id']) as request_span_id,
    toUInt32OrZero(SpanAttributes['ai_feedback.request.seq']) as request_seq,
    toFloat64OrNull(SpanAttributes['ai_feedback.text.rate']) as text_rate,
    coalesce(
        nullIf(SpanAttributes['ai_feedback.prompt.version'], ''),
        nullIf(SpanAttributes['llm.prompt_template.version'], ''),
        nullIf(SpanAttributes['langfuse.observation.prompt.version'], ''),
        SpanAttributes['traceloop.prompt.version']
    ) as prompt_version,
    toUInt8(
        SpanAttributes['ai_feedback.channel'] = 'voice'
        or SpanAttributes['gen_ai.output.type'] = 'speech'
    ) as voice,
    multiIf(
        SpanAttributes['user_agent.synthetic.type'] in ('bot', 'test', 'health_check'),
        SpanAttributes['user_agent.synthetic.type'],
        SpanAttributes['user_agent.synthetic.type'] != '',
        'test',
        mapContains(SpanAttributes, 'langfuse.experiment.id')
            or startsWith(ResourceAttributes['openinference.project.name'], 'Experiment-'),
        'evaluation',
        lower(SpanAttributes['ai_feedback.probe']) = 'true'
            or lower(ResourceAttributes['ai_feedback.probe']) = 'true',
        'probe',
        ''
    ) as traffic,
    multiIf(
        threshold_digits != '',
        [3, 72057594037927936 / (72057594037927936 - threshold)],
        resource_ratio > 0 and resource_ratio <= 1,
        [2, 1 / resource_ratio],
        span_ratio > 0 and span_ratio <= 1,
        [1, 1 / span_ratio],
        []
    ) as sampling,
    toUInt8(multiIf(
        SpanAttributes['ai_feedback.handle.kind'] = 'output', 1,
        SpanAttributes['ai_feedback.handle.kind'] = 'request', 2,
        0
    )) as handles,
    now('UTC') as arrived
from otel_traces
where
    TraceId != ''
    and SpanId != ''
    and not mapContains(SpanAttributes, 'ai_feedback.action.name')
    and
    (
        mapContains(SpanAttributes, 'ai_feedback.output.time')
        or SpanAttributes['gen_ai.operation.name'] in ('chat', 'text_completion', 'generate_content')
        or SpanAttributes['openinference.span.kind'] = 'LLM'
        or mapContains(SpanAttributes, 'llm.request.type')
        or mapContains(SpanAttributes, 'user_agent.synthetic.type')
    )
