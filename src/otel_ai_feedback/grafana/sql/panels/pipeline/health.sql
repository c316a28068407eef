-- Which health checks fail?
--
-- Failing checks come first.
select
    alarm,
    service,
    environment,
    feature,
    firing,
    value,
    threshold,
    detail,
    count() over () as n
from loop_health_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    service = ''
    or
    (
        $__conditionalAll(service in (${service:singlequote}), $service)
        and $__conditionalAll(environment in (${environment:singlequote}), $environment)
        and $__conditionalAll(feature in (${feature:singlequote}), $feature)
    )
order by firing desc, alarm, service, environment, feature
limit 500
