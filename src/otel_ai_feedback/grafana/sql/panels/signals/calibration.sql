-- How often is an answer of each outcome good, by the reviews of the last four closed weeks?
select
    service,
    environment,
    feature,
    toString(class) as class,
    p_good,
    low,
    high,
    labels as n
from signal_calibration_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by service, environment, feature, p_good desc
limit 500
