-- Which answers belong to the same conversation?
--
-- Of the week before the output and the week after it.
select
    time,
    output_id,
    model,
    class,
    output_length,
    count() over () as n
from outputs_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'),
    since = toDate(greatest(0, ifNull((
        select min(toInt32(output_day))
        from output_facts
        where trace_id = splitByChar('-', ${output_id:singlequote})[1]
    ), 0) - 7)),
    until = toDate(greatest(0, ifNull((
        select max(toInt32(output_day))
        from output_facts
        where trace_id = splitByChar('-', ${output_id:singlequote})[1]
    ), 0) + 7))
)
where
    conversation_id != ''
    and conversation_id in
    (
        select conversation_id
        from output_facts
        where trace_id = splitByChar('-', ${output_id:singlequote})[1]
    )
order by time
limit 500
