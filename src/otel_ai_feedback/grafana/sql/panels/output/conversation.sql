-- Which outputs belong to the same conversation?
select
    time,
    output_id,
    model,
    class,
    output_length,
    count() over () as n
from outputs_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    conversation_id != ''
    and conversation_id in
    (
        select conversation_id
        from output_spans
        where trace_id = splitByChar('-', ${output_id:singlequote})[1]
    )
order by time
limit 500
