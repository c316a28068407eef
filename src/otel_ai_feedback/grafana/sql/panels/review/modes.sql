-- What goes wrong, and in which share of all answers?
select
    service,
    environment,
    feature,
    mode,
    share,
    low,
    high,
    labels as n,
    first_seen,
    last_seen
from failure_modes_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by share desc
limit 500
