-- Are user actions delivered and matched to outputs, and are sampling rates known?
-- Kept: always, 5 minutes
--
-- From the counts of the jobs. `compared` is compared with the threshold: the end of the
-- share's 95% interval that is least likely to fail the check.
with
    {{zone}} as zone,
    toDate({as_of:DateTime64(3, 'UTC')}, zone) as today,
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
    ),
    reported as
    (
        select
            service,
            environment,
            feature,
            toFloat64(sum(actions)) as delivered,
            toFloat64(sum(lost)) as k,
            delivered + k as n,
            k / n as p,
            argMax(browser, (lost_share, browser)) as worst
        from
        (
            select
                service,
                environment,
                feature,
                browser,
                sum(page_losses.actions) as actions,
                sum(page_losses.lost) as lost,
                lost / (actions + lost) as lost_share
            from page_losses
            where day >= today - 6 and day <= today
            group by service, environment, feature, browser
        )
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
        {{wilson_high(p, n)}} as compared,
        concat(
            if(
                n = 0, 'No user actions',
                concat(
                    {{count(k)}}, ' of ', {{count(n)}},
                    ' user actions matched an answer'
                )
            ),
            ' (3 days)'
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
                if(
                    unknown = 0, 'Sampling rate known for all ',
                    concat('Sampling rate unknown for ', {{count(unknown)}}, ' of ')
                ),
                {{count(n)}}, ' answers (7 days)'
            )
        ),
        (
            'outputs-lost',
            met >= 30,
            p,
            {{wilson_low(p, m)}},
            concat(
                if(
                    lost = 0, 'No answer missing for ',
                    concat('Answer missing for ', {{count(lost)}}, ' of ')
                ),
                {{count(met)}}, ' user actions (7 days)'
            )
        )
    ] as row
    union all
    select
        service,
        environment,
        feature,
        'actions-lost' as alarm,
        n >= 30 as judged,
        p as value,
        {{wilson_low(p, n)}} as compared,
        concat(
            if(
                k = 0, 'No user action lost by pages, of ',
                concat({{count(k)}}, ' user actions lost by pages, of ')
            ),
            {{count(n)}}, ' (7 days)',
            if(k = 0, '', concat(', most often in ', worst))
        ) as detail
    from reported
) as measured
join health_checks as checks final using (alarm)
