-- Which answers are behind a number: those for the filters above that showed the signal?
--
-- `day` is the moment at which a day begins, in milliseconds, as passed on by a point of a chart;
-- then all of that day is shown, else the time range. Newest first.
with {{zone}} as zone
select
    time,
    output_id,
    service,
    environment,
    feature,
    model,
    release,
    class,
    duration_seconds,
    output_length
from outputs_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'),
    since = if(
        ${day:singlequote} = '',
        toDate(toTimeZone($__fromTime, 'UTC')),
        toDate(toInt64OrZero(${day:singlequote}) / 1000, 'UTC') - 1
    ),
    until = 1 + if(
        ${day:singlequote} = '',
        toDate(toTimeZone($__toTime, 'UTC')),
        toDate(toInt64OrZero(${day:singlequote}) / 1000, 'UTC')
    )
) as outputs_within
where
    if(
        ${day:singlequote} = '',
        $__timeFilter(time),
        outputs_within.day = toDate(toInt64OrZero(${day:singlequote}) / 1000, zone)
    )
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
    and $__conditionalAll(model in (${model:singlequote}), $model)
    and $__conditionalAll(release in (${release:singlequote}), $release)
    and ${class:singlequote} in ('', class)
    and ${conversation:singlequote} in ('', conversation_id)
    and (
        ${signal:singlequote} = ''
        or (matured and (not failed or ${signal:singlequote} = 'failed'))
    )
    and (
        ${signal:singlequote} = ''
        or mapContains(
            done,
            (
                select any(evidence)
                from signal_list final
                where name = ${signal:singlequote}
            )
        )
        or (${signal:singlequote} = 'failed' and failed)
    )
order by time desc
limit 500
