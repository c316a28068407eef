-- Which incidents are open, who owns them, and by when?
select
    due_at,
    overdue,
    incident_id,
    rule,
    severity,
    service,
    environment,
    feature,
    state,
    owner,
    opened_at,
    repeats,
    count() over () as n
from incidents_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    open
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by due_at
limit 500
