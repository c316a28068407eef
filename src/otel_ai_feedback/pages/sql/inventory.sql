-- Which groups and models have sent outputs for a year, and how many of them are counted?
--
-- What is counted comes from the counts by day; what still waits is looked for since yesterday.
-- `newest` is to the hour when nothing waits.
select
    service,
    environment,
    feature,
    model,
    sum(counted) + sum(waiting) as outputs,
    sumIf(counted, day >= {since:Date}) + sum(waiting) as recent_outputs,
    sumIf(counted, day >= {since:Date}) as counted_outputs,
    sum(waiting) as waiting_outputs,
    max(last) as newest,
    minIf(matures, waiting > 0) as next_counted_at
from
(
    select
        service,
        environment,
        feature,
        model,
        day,
        sum(answers) as counted,
        toUInt64(0) as waiting,
        toDateTime64(max(hour), 3, 'UTC') as last,
        toDateTime64(0, 3, 'UTC') as matures
    from signal_hours_within(since = {today:Date} - 364, until = {today:Date} + 1)
    where signal = '(used)'
    group by service, environment, feature, model, day
    union all
    select
        service,
        environment,
        feature,
        model,
        max(day) as day,
        toUInt64(0) as counted,
        count() as waiting,
        max(time) as last,
        min(matured_at) as matures
    from outputs_within(
        as_of = now64(3, 'UTC'), since = {today:Date} - 1, until = {today:Date} + 1
    )
    where not matured
    group by service, environment, feature, model
)
group by service, environment, feature, model
order by outputs desc, service, environment, feature, model
