-- Of which traces with outputs has something arrived since some moment, and on which days of theirs?
--
-- An action on a request says nothing of the day of the output; a handle is good for a week. In the
-- order of days and traces, so many of them after a given one.
select
    trace_id,
    min(output_day) as first_day,
    max(output_day) as last_day
from
(
    select trace_id, output_day
    from output_state
    where arrived >= {arrived:DateTime('UTC')}
    union all
    select trace_id, output_day
    from output_state
    where
        output_day >=
        (
            select min(day) - 9
            from request_state
            where arrived >= {arrived:DateTime('UTC')}
        )
        and trace_id in
        (
            select trace_id
            from request_state
            where arrived >= {arrived:DateTime('UTC')}
        )
)
group by trace_id
having (first_day, trace_id) > ({after_day:Date}, {after_trace:String})
order by first_day, trace_id
limit {limit:UInt32}
