-- Which user actions have arrived or were linked since some moment, or were done with outputs that
-- were written since? In the order of their times, so many of them after a given one.
with
    written as
    (
        select output_day, trace_id
        from output_facts
        where written_at >= {written:DateTime64(6, 'UTC')}
    )
select
    action_id,
    toUnixTimestamp64Nano(min(time)) as first_time,
    toUnixTimestamp64Nano(max(time)) as last_time,
    groupUniqArray(output_day) as output_days
from
(
    select action_id, time, output_day
    from action_state
    where arrived >= {arrived:DateTime('UTC')}
    union all
    select action_id, time, output_day
    from action_state
    where
        linked_trace_id in (select trace_id from written)
        and
        (
            output_day = toDate('1970-01-01')
            or
            (
                output_day >= (select min(output_day) from written) - 3
                and output_day <= (select max(output_day) from written) + 3
            )
        )
    union all
    select action_id, time, toDate('1970-01-01') as output_day
    from late_links
    where
        precedence <= -toUnixTimestamp64Nano(toDateTime64({arrived:DateTime('UTC')}, 9, 'UTC'))
        or trace_id in (select trace_id from written)
)
group by action_id
having (first_time, action_id) > ({after_time:Int64}, {after_action:String})
order by first_time, action_id
limit {limit:UInt32}
