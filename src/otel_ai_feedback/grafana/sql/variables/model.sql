-- Which models have answered?
select distinct toString(model) as model
from signal_days_within(
    since = toDate(toTimeZone($__fromTime, 'UTC')) - 28,
    until = toDate(toTimeZone($__toTime, 'UTC')) + 1
)
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by model
