-- How does each signal compare, in its newest hour, with the same hour of the week?
select
    service,
    environment,
    feature,
    series as signal,
    hour,
    rate,
    expected,
    z,
    direction,
    n,
    compared_with,
    why_not_judged
from outages_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by abs(z) desc
limit 500
