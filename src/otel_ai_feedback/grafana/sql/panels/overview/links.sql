-- What share of user actions matched an answer, per day?
with {{zone}} as zone
select
    toDateTime(day, zone) as time,
    'linked' as series,
    sumIf(actions, link_method != 'unlinked') / n as rate,
    sum(actions) as n
from links
where
    day >= toDate(toTimeZone($__fromTime, 'UTC'))
    and day <= toDate(toTimeZone($__toTime, 'UTC')) + 1
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
group by day
order by time
