-- What are the details of this answer?
select
    time,
    output_id,
    class,
    matured_at,
    service,
    environment,
    feature,
    model,
    release,
    prompt_version,
    delivered_by,
    duration_seconds,
    output_length,
    conversation_id,
    response_id,
    output_hash,
    trace_id,
    span_id,
    weight as n
from outputs_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'),
    since = toDate(greatest(0, ifNull((
        select min(toInt32(output_day))
        from output_facts
        where trace_id = splitByChar('-', ${output_id:singlequote})[1]
    ), 0) - 1)),
    until = toDate(greatest(0, ifNull((
        select max(toInt32(output_day))
        from output_facts
        where trace_id = splitByChar('-', ${output_id:singlequote})[1]
    ), 0) + 1))
)
where
    trace_id = splitByChar('-', ${output_id:singlequote})[1]
    and output_id = ${output_id:singlequote}
