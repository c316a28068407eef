-- Which days may have changed since the jobs last ran?
--
-- Those of which something has arrived since, with the day before (a trace may cross midnight) and
-- the eight after (a day's delivery rule rests on the week before it); those that were due to change
-- without that, because outputs mature and days close; those old enough to be frozen; those of actions
-- that have arrived, as they may have no output; and those that were counted before there were facts, or
-- facts of what was done.
with
    {{zone}} as zone,
    toDate({as_of:DateTime64(3, 'UTC')}, zone) as today,
    (
        select if(count() = 0, 65535, 28 * max(toInt32OrZero(value)) - 10)
        from settings final
        where name = 'retention_derived_months' and toInt32OrZero(value) > 0
    ) as kept_days,
    (
        select max(began_at) - interval 10 minute
        from rollup_days
        where rollup = 'jobs'
    ) as last_run,
    arrived_days as
    (
        select output_day
        from output_state
        where arrived >= last_run
        group by output_day
        union distinct
        -- an action on a request says nothing of the day of the output
        select output_day
        from output_state
        where
            output_day >=
            (
                select min(day) - 8
                from request_state
                where arrived >= last_run
            )
            and trace_id in
            (
                select trace_id
                from request_state
                where arrived >= last_run
            )
        group by output_day
    ),
    changed as
    (
        select distinct arrayJoin(arrayMap(
            shift -> toDate(least(greatest(toInt32(output_day) + shift - 1, 0), 65535)), range(10)
        )) as day
        from arrived_days
    )
select day
from
(
    select distinct assumeNotNull(toDate(started, zone)) as day
    from output_state
    where
        started is not null
        and output_day >= (select min(day) - 1 from changed)
        and output_day <= (select max(day) + 1 from changed)
        and day in (select day from changed)
    union distinct
    select arrayJoin([toDate(hour, zone), toDate(hour + 3599, zone)]) as day
    from action_arrivals
    where arrived >= last_run
    union distinct
    select assumeNotNull(toDate(time, zone)) as day
    from action_state
    where (select count() from rollup_days where rollup = 'facts') = 0
    union distinct
    select day
    from rollup_days final
    where
        rollup = 'signals'
        and
        (
            as_of < due_at
            or (not frozen and day < today - 7)
            or day not in
            (
                select day
                from rollup_days
                where rollup in ('facts', 'actions')
                group by day
                having uniqExact(rollup) = 2
            )
            -- of actions alone, whose output has arrived
            or day in (select day from changed)
        )
)
where
    day <= today + 1
    -- the states of older days may have expired
    and toInt32(day) >= toInt32(today) - kept_days
    -- what was computed for a later moment is not taken back
    and day not in
    (
        select day
        from rollup_days final
        where rollup = 'signals' and as_of > {as_of:DateTime64(3, 'UTC')}
    )
order by day
