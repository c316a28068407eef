-- What did users do with this answer?
--
-- In the week during which its handle is valid.
select
    time,
    toString(action) as action,
    value,
    label,
    reason,
    source,
    link_method,
    ambiguous,
    count() over () as n
from actions_within(
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
    ), 0) + 8))
)
where output_id = ${output_id:singlequote}
order by time
limit 500
