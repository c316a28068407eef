-- Scores of Langfuse, as they were read.
--
-- Each is a list: id, time, kind, name, score, label, scope, trace, span, environment, when it was changed (or 0).
-- Times are milliseconds.
insert into evaluation_state
with
    {{evaluation_refused(score[4], score[5], score[6])}} as reason,
    fromUnixTimestamp64Milli(toInt64OrZero(score[2]), 'UTC') as at,
    greatest(at, fromUnixTimestamp64Milli(toInt64OrZero(score[11]), 'UTC')) as changed_at
select
    lower(hex(MD5(concat('langfuse|', score[1], '|', reason)))) as evaluation_id,
    at as time,
    'langfuse' as carrier,
    score[7] as scope,
    score[3] as kind,
    if(reason = '', score[4], '') as name,
    '' as evaluator,
    if(reason = '', toFloat64OrNull(score[5]), null) as score_value,
    if(reason = '', score[6], '') as label,
    reason as refused,
    '' as service,
    if(match(score[10], '^[a-z0-9_-]{1,64}$'), score[10], '') as environment,
    score[8] as linked_trace_id,
    score[9] as linked_span_id,
    '' as response_id,
    0 as probe,
    {{evaluation_version(changed_at, concat(score[5], '|', score[6]))}} as version,
    now('UTC') as arrived
from
(
    select arrayJoin({scores:Array(Array(String))}) as score
)
