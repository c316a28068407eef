-- How many answers arrived per hour, by feature?
select
    hour as time,
    arrayStringConcat(
        arrayDistinct([toString(service), toString(environment), toString(feature)]), ' '
    ) as series,
    sum(answers) as n
from signal_hours_within(
    since = toDate(toTimeZone($__fromTime, 'UTC')) - 1,
    until = toDate(toTimeZone($__toTime, 'UTC')) + 1
)
where
    signal = '(used)'
    and $__timeFilter(hour)
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
    and $__conditionalAll(model in (${model:singlequote}), $model)
    and $__conditionalAll(release in (${release:singlequote}), $release)
group by time, series
order by time, series
