-- By which way did actions find their output, each day, and what share found none?
with coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC') as zone
select
    toDateTime(day, zone) as time,
    if(output_id = '', 'unlinked', link_method) as series,
    count() / sum(count()) over (partition by day) as share,
    count() as n
from actions_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'),
    since = toDate(toTimeZone($__fromTime, 'UTC')),
    until = toDate(toTimeZone($__toTime, 'UTC')) + 1
)
where
    source != 'derived'
    and sampled
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
group by day, series
order by time, series
