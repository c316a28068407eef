-- How many answers arrived per hour, by feature?
select
    hour as time,
    arrayStringConcat(
        arrayDistinct([toString(service), toString(environment), toString(feature)]), ' '
    ) as series,
    sum(outputs[1]) as n
from signals
where
    day >= toDate(toTimeZone($__fromTime, 'UTC')) - 1
    and day <= toDate(toTimeZone($__toTime, 'UTC')) + 1
    and $__timeFilter(hour)
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
    and $__conditionalAll(model in (${model:singlequote}), $model)
    and $__conditionalAll(release in (${release:singlequote}), $release)
group by time, series
order by time, series
