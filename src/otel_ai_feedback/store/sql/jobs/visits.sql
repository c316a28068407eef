-- How much was each group used in a closed week, and who of the week before did not come back?
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
            since = toDate(greatest(toInt32({day:Date}) - 7, 0)),
            until = toDate(least(toInt32({day:Date}) + 6, 65535))
        )
        where matured
        group by service, environment, feature, subject, week
    ),
    followed as
    (
        select
            *,
            max(p.max_weight) over whole = 1 as complete,
            countIf(week = {day:Date}) over whole > 0 as went_on,
            countIf(week = {day:Date}) over person > 0 as is_there
        from people as p
        window
            whole as (partition by service, environment, feature),
            person as (partition by service, environment, feature, subject)
    )
select
    {day:Date} as day,
    {version:UInt64} as version,
    service,
    environment,
    feature,
    last_class,
    countIf(week = {day:Date}) as subjects,
    sumIf(f.outputs, week = {day:Date}) as outputs,
    sumIf(toFloat64(f.outputs) * f.outputs, week = {day:Date}) as outputs_squared,
    countIf(week < {day:Date}) as subjects_before,
    countIf(week < {day:Date} and not is_there) as left_since
from followed as f
where subject != '' and complete and went_on
group by service, environment, feature, last_class
