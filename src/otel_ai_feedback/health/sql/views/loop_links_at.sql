-- Do actions find their outputs, and is it known how many outputs there are?
--
-- From what the jobs have counted. `compared` is what is held against the threshold: the end of the
-- share's 95 % interval that makes the alarm hardest to raise.
with
    {{zone}} as zone,
    toDate({as_of:DateTime64(3, 'UTC')}, zone) as today,
    1.959964 as z,
    linked as
    (
        select
            service,
            environment,
            feature,
            toFloat64(sum(links.actions)) as n,
            toFloat64(sumIf(links.actions, link_method != 'unlinked')) as k,
            k / n as p
        from links
        where day >= today - 2 and day <= today
        group by service, environment, feature
        having n > 0
    ),
    sampled as
    (
        select
            service,
            environment,
            feature,
            toFloat64(sum(sampling.outputs)) as n,
            toFloat64(sum(sampling.unknown)) as unknown,
            toFloat64(sum(sampling.actions) - sum(sampling.actions_not_sampled)) as met,
            toFloat64(sum(sampling.actions_without_output)) as lost
        from sampling
        where day >= today - 6 and day <= today
        group by service, environment, feature
    )
select
    service,
    environment,
    feature,
    alarm,
    stage,
    judged,
    value,
    compared,
    threshold,
    toUInt8(judged and if(breach = 'below', compared < threshold, compared > threshold)) as firing,
    cast(null, 'Nullable(DateTime64(3, \'UTC\'))') as last_seen,
    detail
from
(
    select
        service,
        environment,
        feature,
        'link-rate-low' as alarm,
        n >= 30 as judged,
        p as value,
        (p + z * z / (2 * n) + z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)
            as compared,
        concat(
            toString(toUInt64(k)), ' of ', toString(toUInt64(n)),
            ' actions of three days found their output'
        ) as detail
    from linked
    union all
    select
        service,
        environment,
        feature,
        row.1 as alarm,
        row.2 as judged,
        row.3 as value,
        row.4 as compared,
        row.5 as detail
    from
    (
        select
            *,
            if(n > 0, unknown / n, 0.) as unknown_share,
            if(met > 0, lost / met, 0.) as p,
            greatest(met, 1.) as m
        from sampled
    )
    array join
    [
        (
            'sampling-unknown',
            n > 0,
            unknown_share,
            unknown_share,
            concat(
                'of ', toString(toUInt64(unknown)), ' of ', toString(toUInt64(n)),
                ' outputs of a week it is not known how likely they were to be sampled'
            )
        ),
        (
            'outputs-lost',
            met >= 30,
            p,
            (p + z * z / (2 * m) - z * sqrt(p * (1 - p) / m + z * z / (4 * m * m))) / (1 + z * z / m),
            concat(
                'the outputs of ', toString(toUInt64(lost)), ' of ', toString(toUInt64(met)),
                ' actions of a week were sampled and are not here'
            )
        )
    ] as row
) as measured
join loop_alarms using (alarm)
