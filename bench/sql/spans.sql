-- What would services send for a number of outputs that are spread evenly over some days?
--
-- Three LLM spans in four belong to agents (a planning call and the answer, one request), the rest
-- are single calls; half of the answers are handed out with a handle, two in five are acted on.
-- Ids are random, as real ones are. Output numbers run from `first` to `first + outputs - 1`.
insert into otel_traces
(
    Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName,
    ResourceAttributes, SpanAttributes, Duration, StatusCode,
    `Links.TraceId`, `Links.SpanId`, `Links.TraceState`, `Links.Attributes`
)
with
    {first:UInt64} + intDiv(number, 5) as output,
    -- 0 the planning call, 1 the answer, 2 and 3 actions, 4 nothing but a place
    number % 5 as part,
    sipHash64(output, 'draw') as draw,
    toUnixTimestamp64Nano({until:DateTime64(9, 'UTC')}) as until,
    until - 1800000000000
        - toInt64(intDiv(
            ({first:UInt64} + {outputs:UInt64} - output) * toUInt64({days:Float64} * 86400e9 / 1000),
            {first:UInt64} + {outputs:UInt64}
        )) * 1000 as asked,
    part = 0 ? asked : asked + 2000000000 as started,
    lower(hex(sipHash128(output, 'trace'))) as trace_id,
    lower(hex(sipHash64(output, 'answer'))) as answer_id,
    lower(hex(sipHash64(output, 'root'))) as root_id,
    concat('service-', toString(draw % 5)) as service,
    ['gpt-4o-2024-08-06', 'gpt-4o-mini', 'claude-3-5-sonnet', 'llama-3.1-70b'][draw % 4 + 1] as model,
    ['copy', 'accept', 'edit', 'close', 'seen', 'rating'][intDiv(draw, 64) % 6 + 1] as action
select
    fromUnixTimestamp64Nano(
        part < 2 ? started : started + 6000000000 + toInt64(part) * 20000000000, 'UTC'
    ) as Timestamp,
    part < 2 ? trace_id : lower(hex(sipHash128(output, part, 'action trace'))) as TraceId,
    part = 1 ? answer_id : lower(hex(sipHash64(output, part, 'span'))) as SpanId,
    part < 2 ? root_id : '' as ParentSpanId,
    part < 2 ? concat('chat ', model) : concat('ai_feedback ', action) as SpanName,
    part < 2 ? 'Client' : 'Internal' as SpanKind,
    service as ServiceName,
    map(
        'service.name', service,
        'service.version', concat('1.', toString(intDiv(output * 8, {first:UInt64} + {outputs:UInt64}))),
        'deployment.environment.name', 'production',
        'ai_feedback.backfill', 'true'
    ) as ResourceAttributes,
    part < 2
        ? map(
            'gen_ai.operation.name', 'chat',
            'gen_ai.provider.name', 'openai',
            'gen_ai.response.model', model,
            'gen_ai.response.id', concat('chatcmpl-', substring(trace_id, 1, 24)),
            'gen_ai.conversation.id', lower(hex(sipHash128(intDiv(output, 3), 'conversation'))),
            'gen_ai.usage.input_tokens', toString(draw % 3000),
            'gen_ai.usage.output_tokens', toString(draw % 700),
            'ai_feedback.output.hash', concat('hmac-sha256:', lower(hex(sipHash128(output, part, 'text')))),
            'ai_feedback.output.length', toString(200 + draw % 3000),
            'ai_feedback.output.time', toString(intDiv(started, 1000000000)),
            'ai_feedback.request.span_id', root_id,
            'ai_feedback.request.seq', toString(part + 1),
            'ai_feedback.feature', concat('feature-', toString(draw % 10)),
            'ai_feedback.input.hash', concat('hmac-sha256:', lower(hex(sipHash128(output, 'question')))),
            'ai_feedback.subject', lower(hex(sipHash128(draw % 20000, 'subject'))),
            'ai_feedback.handle.kind', (part = 1 and draw % 2) ? 'output' : ''
        )
        : map(
            'ai_feedback.action.name', action,
            'ai_feedback.action.id', lower(hex(sipHash128(output, part, 'action'))),
            'ai_feedback.action.source', 'browser',
            'ai_feedback.action.value', toString(round(draw % 100 / 100, 2)),
            'ai_feedback.output.time', toString(intDiv(started, 1000000000)),
            'ai_feedback.link.method', 'handle',
            'ai_feedback.feature', concat('feature-', toString(draw % 10)),
            'ai_feedback.subject', lower(hex(sipHash128(draw % 20000, 'subject')))
        ) as SpanAttributes,
    toUInt64(part < 2 ? 1500000000 + draw % 4000000000 : 0) as Duration,
    'Unset' as StatusCode,
    part < 2 ? [] : [trace_id] as `Links.TraceId`,
    part < 2 ? [] : [answer_id] as `Links.SpanId`,
    part < 2 ? [] : [''] as `Links.TraceState`,
    part < 2 ? [] : [map()::Map(LowCardinality(String), String)] as `Links.Attributes`
from numbers({outputs:UInt64} * 5)
where multiIf(part = 0, draw % 4 != 0, part = 1, 1, part = 2, draw % 5 < 2, part = 3, draw % 10 = 0, 0)
