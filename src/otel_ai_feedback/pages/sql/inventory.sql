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
        toUInt64(sum(s.outputs[1])) as counted,
        toUInt64(0) as waiting,
        toDateTime64(max(hour), 3, 'UTC') as last,
        toDateTime64(0, 3, 'UTC') as matures
    from signals as s
    where day >= {today:Date} - 364
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
    from outputs_of_traces_within(
        as_of = now64(3, 'UTC'),
        -- of most times none of yesterday waits
        since =
        (
            select if(count() > 0, min(day), {today:Date})
            from output_spans
            where
                output_day >= {today:Date} - 2
                and greatest(ended, ingested) > now64(3, 'UTC') - interval 30 minute
        ),
        until = {today:Date} + 1,
        -- up to some hundreds are looked up; more cost less among all of their days. No trace has an
        -- empty id, and without any trace the view would take all.
        traces =
        (
            select if(uniq(trace_id) > 500, [], arrayPushBack(groupUniqArray(501)(trace_id), ''))
            from output_spans
            where
                output_day >= {today:Date} - 2
                and greatest(ended, ingested) > now64(3, 'UTC') - interval 30 minute
        )
    )
    where
        not matured
        and trace_id in
        (
            select trace_id
            from output_spans
            where
                output_day >= {today:Date} - 2
                and greatest(ended, ingested) > now64(3, 'UTC') - interval 30 minute
        )
    group by service, environment, feature, model
)
group by service, environment, feature, model
order by outputs desc, service, environment, feature, model
