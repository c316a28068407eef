-- Where does an output come from? Nothing of what its user did.
select
    concat(trace_id, '-', span_id) as output_id,
    output_day,
    trace_id,
    span_id,
    service,
    environment,
    feature,
    model,
    release,
    conversation_id,
    response_id,
    output_hash,
    toDateTime64(started, 3, 'UTC') as time,
    (toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started)) / 1e9 as duration_seconds
from output_facts final
where
    present
    and output_day = {day:Date}
    and trace_id = {trace_id:String}
    and span_id = {span_id:String}
limit 1
