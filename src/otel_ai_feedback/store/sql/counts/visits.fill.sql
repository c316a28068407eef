-- How much was each group used in closed weeks, and who of the week before did not come back?
--
-- `since` and `until` are the first and last Monday.
insert into visits
with
    people as
    (
        select
            service,
            environment,
            feature,
            subject,
            toMonday(day) as week,
            count() as outputs,
            max(weight) as max_weight,
            argMax(class, (time, output_id)) as last_class
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate(greatest(toInt32({since:Date}) - 7, 0)),
            until = toDate(least(toInt32({until:Date}) + 6, 65535))
        )
        where matured
        group by service, environment, feature, subject, week
    ),
    -- each week as itself, and as the one before the next
    followed as
    (
        select
            *,
            max(p.max_weight) over whole = 1 as complete,
            countIf(week = of_week) over whole > 0 as went_on,
            countIf(week = of_week) over person > 0 as is_there
        from
        (
            select
                *,
                arrayJoin([week, week + 7]) as of_week
            from people
        ) as p
        where of_week >= {since:Date} and of_week <= {until:Date}
        window
            whole as (partition by of_week, service, environment, feature),
            person as (partition by of_week, service, environment, feature, subject)
    )
select
    of_week as day,
    {version:UInt64} as version,
    service,
    environment,
    feature,
    last_class,
    countIf(week = of_week) as subjects,
    sumIf(f.outputs, week = of_week) as outputs,
    sumIf(toFloat64(f.outputs) * f.outputs, week = of_week) as outputs_squared,
    countIf(week < of_week) as subjects_before,
    countIf(week < of_week and not is_there) as left_since
from followed as f
where subject != '' and complete and went_on
group by of_week, service, environment, feature, last_class
