-- How many answers of the versions that the dashboard Compare sets against each other showed each signal, by day?
select
    c.day as day,
    c.service as service,
    c.environment as environment,
    c.feature as feature,
    toString(c.signal) as signal,
    arms.arm as arm,
    arms.version as version,
    c.answers as answers,
    c.k as k,
    c.n as n
from
(
    select *, {{version_of(d, ${by:singlequote})}} as version
    from signal_days_within(
        since = toDate(toTimeZone($__fromTime, 'UTC')),
        until = toDate(toTimeZone($__toTime, 'UTC')) + 1
    ) as d
    where
        $__conditionalAll(service in (${service:singlequote}), $service)
        and $__conditionalAll(environment in (${environment:singlequote}), $environment)
        and $__conditionalAll(feature in (${feature:singlequote}), $feature)
        and signal in (select name from signal_list final where good != 'neither' and exposure != 'people')
) as c
inner join
(
    select
        *,
        version in (${arm_b:singlequote}) or age = 1 and '(newest)' in (${arm_b:singlequote})
            as is_b,
        minIf(age, is_b) over (partition by service, environment, feature) as age_of_b,
        version in (${arm_a:singlequote})
            or age_of_b > 0 and age = age_of_b + 1 and '(previous)' in (${arm_a:singlequote}) as is_a,
        arrayJoin(arrayConcat(if(is_a, ['A'], []), if(is_b, ['B'], []))) as arm
    from
    (
        select
            *,
            row_number() over (
                partition by service, environment, feature order by since desc, version desc
            ) as age
        from
        (
            -- a version is as old as its first day of the last 90
            select
                service,
                environment,
                feature,
                {{version_of(u, ${by:singlequote})}} as version,
                min(day) as since
            from signal_days_within(
                since = toDate(toTimeZone($__fromTime, 'UTC')) - 90,
                until = toDate(toTimeZone($__toTime, 'UTC')) + 1
            ) as u
            where signal = '(used)'
            group by service, environment, feature, version
            having
                version != ''
                and sumIf(u.answers, day >= toDate(toTimeZone($__fromTime, 'UTC'))) >= 30
        )
    )
) as arms
    on arms.service = c.service
    and arms.environment = c.environment
    and arms.feature = c.feature
    and arms.version = c.version
