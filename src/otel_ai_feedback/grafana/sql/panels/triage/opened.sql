-- How many incidents were opened each day, by rule?
with {{zone}} as zone
select
    toDateTime(toDate(opened_at, zone), zone) as time,
    rule as series,
    count() as n
from incidents_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__timeFilter(opened_at)
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
group by time, series
order by time, series
