-- Which failure modes are new, or recurring after they were closed?
select
    service,
    environment,
    feature,
    mode,
    state,
    is_new,
    is_recurring,
    first_seen,
    last_seen,
    labels as n
from failure_mode_states_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by is_recurring desc, is_new desc, last_seen desc
limit 500
