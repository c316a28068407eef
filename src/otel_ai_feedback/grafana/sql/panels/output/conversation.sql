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
from outputs_of_traces_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'),
    since = toDate(greatest(0, ifNull((
        select min(toInt32(output_day))
        from output_state
        where trace_id = splitByChar('-', ${output_id:singlequote})[1]
    ), 0) - 7)),
    until = toDate(greatest(0, ifNull((
        select max(toInt32(output_day))
        from output_state
        where trace_id = splitByChar('-', ${output_id:singlequote})[1]
    ), 0) + 7)),
    -- up to some hundreds are looked up; more cost less among all of their days. No trace has an
    -- empty id, and without any trace the view would take all.
    traces =
    (
        select if(uniq(trace_id) > 500, [], arrayPushBack(groupUniqArray(501)(trace_id), ''))
        from output_state
        where
            output_day >= toDate(greatest(0, ifNull((
                select min(toInt32(output_day))
                from output_state
                where trace_id = splitByChar('-', ${output_id:singlequote})[1]
            ), 0) - 9))
            and output_day <= toDate(greatest(0, ifNull((
                select max(toInt32(output_day))
                from output_state
                where trace_id = splitByChar('-', ${output_id:singlequote})[1]
            ), 0) + 9))
            and conversation_id != ''
            and conversation_id in
            (
                select conversation_id
                from output_state
                where trace_id = splitByChar('-', ${output_id:singlequote})[1]
            )
    )
)
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
