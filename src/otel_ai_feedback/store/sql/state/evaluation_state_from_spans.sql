-- Results on the span that they are about: events `gen_ai.evaluation.result`, and the annotations and
-- evaluations of OpenInference of each scope.
--
-- What this product sends to other tools in the same forms is not read back.
create materialized view if not exists evaluation_state_from_spans to evaluation_state as
with
    coalesce(
        nullIf(ResourceAttributes['deployment.environment.name'], ''),
        ResourceAttributes['deployment.environment']
    ) as deployed_in,
    -- carrier, scope, kind, name, evaluator, score, label, identifier, time
    arrayConcat(
        arrayMap(
            (at, a) -> (
                'gen_ai',
                'span',
                multiIf(
                    a['microsoft.gen_ai.human_evaluation.source'] = 'end_user', 'user',
                    a['microsoft.gen_ai.human_evaluation.source'] != '', 'reviewer',
                    ''
                ),
                a['gen_ai.evaluation.name'],
                a['ai_feedback.evaluation.evaluator'],
                a['gen_ai.evaluation.score.value'],
                a['gen_ai.evaluation.score.label'],
                '',
                at
            ),
            arrayFilter((at, event) -> event = 'gen_ai.evaluation.result', Events.Timestamp, Events.Name),
            arrayFilter((a, event) -> event = 'gen_ai.evaluation.result', Events.Attributes, Events.Name)
        ),
        arrayMap(
            prefix -> (
                'openinference',
                multiIf(startsWith(prefix, 'trace.'), 'trace', startsWith(prefix, 'session.'), 'session', 'span'),
                multiIf(
                    SpanAttributes[concat(prefix, 'annotator_kind')] = 'HUMAN', 'reviewer',
                    SpanAttributes[concat(prefix, 'annotator_kind')] in ('LLM', 'CODE'), 'judge',
                    ''
                ),
                SpanAttributes[concat(prefix, 'name')],
                SpanAttributes[concat(prefix, 'annotator_kind')],
                SpanAttributes[concat(prefix, 'score')],
                SpanAttributes[concat(prefix, 'label')],
                SpanAttributes[concat(prefix, 'identifier')],
                Timestamp + toIntervalNanosecond(Duration)
            ),
            arrayMap(
                key -> substring(key, 1, length(key) - 4),
                arrayFilter(
                    key -> (endsWith(key, '.annotation.name') or endsWith(key, '.evaluation.name')) and match(
                        key,
                        '^((trace|session)\\.)?(annotations\\.\\d{1,3}\\.annotation|evaluations\\.\\d{1,3}\\.evaluation)\\.name$'
                    ),
                    mapKeys(SpanAttributes)
                )
            )
        )
    ) as found,
    {{evaluation_refused(item.4, item.6, item.7)}} as reason,
    if(match(item.5, '^[A-Za-z0-9][A-Za-z0-9 _.:/-]{0,63}$'), item.5, '') as by_whom
select
    lower(hex(MD5(concat(
        item.1, '|', item.2, '|', lower(TraceId), '|', if(item.2 = 'span', lower(SpanId), ''), '|', item.4,
        '|', item.5, '|', item.8, '|', reason
    )))) as evaluation_id,
    toTimeZone(item.9, 'UTC') as time,
    item.1 as carrier,
    item.2 as scope,
    item.3 as kind,
    if(reason = '', item.4, '') as name,
    if(reason = '', by_whom, '') as evaluator,
    if(reason = '', toFloat64OrNull(item.6), null) as score,
    if(reason = '', item.7, '') as label,
    reason as refused,
    ServiceName as service,
    deployed_in as environment,
    lower(TraceId) as linked_trace_id,
    if(item.2 = 'span', lower(SpanId), '') as linked_span_id,
    if(item.2 = 'span', SpanAttributes['gen_ai.response.id'], '') as response_id,
    toUInt8(
        lower(SpanAttributes['ai_feedback.probe']) = 'true'
        or lower(ResourceAttributes['ai_feedback.probe']) = 'true'
    ) as probe,
    {{evaluation_version(item.9, concat(item.6, '|', item.7))}} as version,
    now('UTC') as arrived
from otel_traces
array join found as item
where
    TraceId != ''
    and SpanId != ''
    and not mapContains(SpanAttributes, 'ai_feedback.action.name')
