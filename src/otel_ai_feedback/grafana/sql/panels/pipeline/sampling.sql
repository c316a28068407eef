-- How much of each service's traffic is stored, and how is that known?
select
    day,
    service,
    environment,
    outputs as n,
    estimated_outputs,
    unknown_share,
    lost_share,
    actions,
    warning
from sampling
where
    day >= toDate(toTimeZone($__toTime, 'UTC')) - 6
    and day <= toDate(toTimeZone($__toTime, 'UTC')) + 1
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
order by day desc, service, environment
limit 500
