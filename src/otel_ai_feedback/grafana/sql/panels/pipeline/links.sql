-- How were user actions matched to answers, per day, and what share matched none?
with {{zone}} as zone
select
    toDateTime(day, zone) as time,
    toString(link_method) as series,
    n / sum(n) over (partition by day) as share,
    sum(actions) as n
from links
where
    day >= toDate(toTimeZone($__fromTime, 'UTC'))
    and day <= toDate(toTimeZone($__toTime, 'UTC')) + 1
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
group by day, series
order by time, series
