-- What do users do, per day?
with {{zone}} as zone
select
    toDateTime(day, zone) as time,
    value as series,
    sum(items) as n
from daily_attribute_counts
where
    kind = 'action'
    and day >= toDate(toTimeZone($__fromTime, 'UTC'))
    and day <= toDate(toTimeZone($__toTime, 'UTC')) + 1
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
group by day, series
order by time, series
