-- Of how many outputs that were sampled in the last 7 frozen days does the store have the text?
--
-- By the names under which instrumentations record answers; at most 200 outputs are looked at.
with
    drawn as
    (
        select
            splitByChar('-', output_id)[1] as trace_id,
            splitByChar('-', output_id)[2] as span_id,
            day
        from review_draw
        where day > (select max(day) from draws) - 7
        order by u
        limit 200
    ),
    (select min(day) from drawn) as first_day
select
    count() as outputs,
    countIf((trace_id, span_id) in
    (
        select lower(TraceId), lower(SpanId)
        from otel_traces
        where
            Timestamp >= first_day - 9
            and TraceId in (select trace_id from drawn)
            and
            (
                arrayExists(
                    name -> name in (
                        'gen_ai.output.messages', 'gen_ai.completion', 'output.value',
                        'response_data', 'ai.response.text', 'mlflow.spanOutputs',
                        'langfuse.observation.output', 'gcp.vertex.agent.llm_response',
                        'haystack.component.output'
                    )
                    or startsWith(name, 'gen_ai.completion.')
                    or startsWith(name, 'llm.output_messages.'),
                    mapKeys(SpanAttributes)
                )
                or has(Events.Name, 'gen_ai.choice')
            )
        union all
        select lower(TraceId), lower(SpanId)
        from otel_logs
        where
            Timestamp >= first_day - 9
            and TraceId in (select trace_id from drawn)
            and if(EventName != '', EventName, LogAttributes['event.name']) in
                ('gen_ai.client.inference.operation.details', 'gen_ai.choice')
    )) as with_text
from drawn
