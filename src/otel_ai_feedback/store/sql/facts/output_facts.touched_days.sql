-- On which days did the outputs start of whose traces something has arrived since some moment, and how
-- many spans have those days?
--
-- An action on a request says nothing of the day of the output; a handle is good for a week.
select
    output_day,
    count() as spans
from output_state
where output_day in
(
    select output_day
    from output_state
    where
        arrived >= {arrived:DateTime('UTC')}
        or
        (
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
)
group by output_day
order by output_day
