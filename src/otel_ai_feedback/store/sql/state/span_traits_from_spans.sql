-- Tokens, cost, finish reason, tools and sources, by the names that instrumentations give them.
create materialized view if not exists span_traits_from_spans to span_traits as
with
    substring(lower(extract(
        coalesce(
            nullIf(SpanAttributes['gen_ai.response.finish_reasons'], ''),
            nullIf(SpanAttributes['gen_ai.completion.0.finish_reason'], ''),
            nullIf(SpanAttributes['llm.response.finish_reason'], ''),
            nullIf(SpanAttributes['llm.finish_reason'], ''),
            SpanAttributes['ai.response.finishReason']
        ),
        '[A-Za-z_-]+'
    )), 1, 32) as reason,
    coalesce(
        nullIf(SpanAttributes['gen_ai.data_source.id'], ''),
        nullIf(
            JSONExtractString(SpanAttributes['retrieval.documents.0.document.metadata'], 'source'),
            ''
        ),
        SpanAttributes['retrieval.documents.0.document.id']
    ) as found_in,
    SpanAttributes['gen_ai.operation.name'] = 'execute_tool'
        or SpanAttributes['openinference.span.kind'] = 'TOOL'
        or SpanAttributes['traceloop.span.kind'] = 'tool' as is_tool
select
    toDate(Timestamp, 'UTC') as day,
    lower(TraceId) as trace_id,
    lower(SpanId) as span_id,
    toUInt32OrNull(coalesce(
        nullIf(SpanAttributes['gen_ai.usage.input_tokens'], ''),
        nullIf(SpanAttributes['llm.token_count.prompt'], ''),
        SpanAttributes['gen_ai.usage.prompt_tokens']
    )) as input_tokens,
    toUInt32OrNull(coalesce(
        nullIf(SpanAttributes['gen_ai.usage.output_tokens'], ''),
        nullIf(SpanAttributes['llm.token_count.completion'], ''),
        SpanAttributes['gen_ai.usage.completion_tokens']
    )) as output_tokens,
    toFloat64OrNull(coalesce(
        nullIf(SpanAttributes['operation.cost'], ''),
        nullIf(SpanAttributes['llm.cost.total'], ''),
        nullIf(SpanAttributes['gen_ai.cost.total_cost'], ''),
        SpanAttributes['gen_ai.usage.cost']
    )) as cost,
    reason as finish_reason,
    toUInt8(
        is_tool or reason in ('tool_calls', 'tool_call', 'tool_use', 'tool-calls', 'function_call')
    ) as tool,
    toUInt8(if(found_in = '', 0, 1 + sipHash64(found_in) % 16)) as source
from otel_traces
where
    TraceId != ''
    and SpanId != ''
    and not mapContains(SpanAttributes, 'ai_feedback.action.name')
    and
    (
        input_tokens is not null
        or output_tokens is not null
        or cost is not null
        or reason != ''
        or is_tool
        or found_in != ''
    )
