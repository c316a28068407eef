-- Which days may have changed since the jobs last ran?
--
-- Those of whose outputs something was written since, with the seven after (what could have shown a
-- signal is judged from a week); those that were due to change without that, because outputs mature
-- and days close; those old enough to be frozen; and those of actions, as they may have no output.
with
    {{zone}} as zone,
    toDate({as_of:DateTime64(3, 'UTC')}, zone) as today,
    (
        select if(count() = 0, 65535, 28 * max(toInt32OrZero(value)) - 10)
        from settings final
        where name = 'retention_derived_months' and toInt32OrZero(value) > 0
    ) as kept_days,
    (
        -- what is inserted is seen a little later than it says
        select max(began_at) - interval 10 second
        from rollup_days
        where rollup = 'jobs'
    ) as last_run,
    changed as
    (
        select distinct arrayJoin(arrayMap(
            shift -> toDate(least(toInt32(of_day) + shift, 65535)), range(8)
        )) as day
        from
        (
            select distinct arrayJoin([day, previous_day]) as of_day
            from output_facts
            where written_at >= last_run
            union distinct
            select day
            from output_facts
            where
                matured_at <= {as_of:DateTime64(3, 'UTC')}
                and matured_at >
                (
                    select max(as_of)
                    from rollup_days
                    where rollup = 'jobs'
                )
        )
    )
select day
from
(
    select distinct day
    from output_facts
    where day in (select day from changed)
    union distinct
    select distinct day
    from linked_actions
    where written_at >= last_run
    union distinct
    select day
    from rollup_days final
    where
        rollup = 'signals'
        and
        (
            (as_of < due_at and due_at <= {as_of:DateTime64(3, 'UTC')})
            or (not frozen and day < today - 7)
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
