-- What has each service sent within some hours, and how much of it is of use?
--
-- `model_calls` are spans that an LLM instrumentation made; capture tags them. An action without a link
-- was matched by nothing when it was recorded. Events are those that capture sends about outputs.
--
-- A service of several languages has the one of its spans that is first in the alphabet.
select
    service,
    min(language) as language,
    sum(span) as spans,
    sum(model_call) as model_calls,
    sum(model_call and not tagged) as untagged,
    sum(answer) as answers,
    sum(answer and not hashed) as without_text,
    sum(action) as actions,
    sum(action and not linked) as unlinked,
    sum(event) as events
from
(
    select
        ServiceName as service,
        ResourceAttributes['telemetry.sdk.language'] as language,
        1 as span,
        mapContains(SpanAttributes, 'ai_feedback.action.name') as action,
        notEmpty(Links.TraceId) as linked,
        mapContains(SpanAttributes, 'ai_feedback.output.time') and not action as tagged,
        not action
        and
        (
            tagged
            or SpanAttributes['gen_ai.operation.name'] in ('chat', 'text_completion', 'generate_content')
            or SpanAttributes['openinference.span.kind'] = 'LLM'
            or mapContains(SpanAttributes, 'llm.request.type')
        ) as model_call,
        tagged and StatusCode != 'Error' as answer,
        mapContains(SpanAttributes, 'ai_feedback.output.hash') as hashed,
        0 as event
    from otel_traces
    where Timestamp > now64(9, 'UTC') - toIntervalHour({hours:UInt32})
    union all
    select
        ServiceName, ResourceAttributes['telemetry.sdk.language'],
        0, 0, 0, 0, 0, 0, 0, mapContains(LogAttributes, 'ai_feedback.output.time')
    from otel_logs
    where Timestamp > now64(9, 'UTC') - toIntervalHour({hours:UInt32})
)
group by service
having spans > 0
order by model_calls desc, spans desc, service
limit 20
