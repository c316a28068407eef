-- What do people do, each day?
with coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC') as zone
select
    toDateTime(day, zone) as time,
    toString(action) as series,
    count() as n
from actions_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'),
    since = toDate(toTimeZone($__fromTime, 'UTC')),
    until = toDate(toTimeZone($__toTime, 'UTC')) + 1
)
where
    source != 'derived'
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
group by day, series
order by time, series
