-- Did a signal change its meaning between the last two windows of four weeks?
select
    service,
    environment,
    feature,
    q_statistic,
    degrees,
    p_value,
    changed,
    classes as n
from signal_meaning_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by p_value
limit 500
