-- Which outputs of some days were delivered, and with which outcome, for a warehouse?
select
    day,
    output_id,
    time,
    service,
    environment,
    feature,
    model,
    release,
    prompt_version,
    conversation_id,
    subject,
    trace_id,
    span_id,
    response_id,
    bucket,
    weight,
    weight_source,
    output_length,
    voice,
    ended_at,
    duration_seconds,
    delivered_by,
    seen,
    failed,
    class,
    matured,
    arraySort(mapKeys(done)) as done
from outputs_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
)
