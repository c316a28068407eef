-- Which environments have sent answers?
select distinct toString(environment) as environment
from signal_days_within(
    since = toDate(toTimeZone($__fromTime, 'UTC')) - 28,
    until = toDate(toTimeZone($__toTime, 'UTC')) + 1
)
where
    $__conditionalAll(service in (${service:singlequote}), $service)
order by environment
