-- Which services had model calls within the last day that no capture has tagged, in which language?
select
    ServiceName as service,
    min(ResourceAttributes['telemetry.sdk.language']) as language,
    count() as model_calls,
    countIf(not mapContains(SpanAttributes, 'ai_feedback.output.time')) as untagged
from otel_traces
where
    Timestamp > now64(9, 'UTC') - interval 1 day
    and not mapContains(SpanAttributes, 'ai_feedback.action.name')
    and
    (
        mapContains(SpanAttributes, 'ai_feedback.output.time')
        or SpanAttributes['gen_ai.operation.name'] in ('chat', 'text_completion', 'generate_content')
        or SpanAttributes['openinference.span.kind'] = 'LLM'
        or mapContains(SpanAttributes, 'llm.request.type')
    )
group by service
having untagged > 0
order by untagged desc, service
limit 5
