-- (first) The versions that can be compared, the newest first, after the one that stands for itself
select version
from
(
    select {{first}} as version, toDate('2100-01-01') as since
    union all
    select {{version_of(c, ${by:singlequote})}} as version, min(day) as since
    from signal_days_within(
        since = toDate(toTimeZone($__fromTime, 'UTC')) - 28,
        until = toDate(toTimeZone($__toTime, 'UTC')) + 1
    ) as c
    where
        signal = '(used)'
        and $__conditionalAll(service in (${service:singlequote}), $service)
        and $__conditionalAll(environment in (${environment:singlequote}), $environment)
        and $__conditionalAll(feature in (${feature:singlequote}), $feature)
    group by version
    having version != ''
)
order by since desc, version desc
