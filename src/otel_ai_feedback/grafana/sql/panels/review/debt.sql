-- Is review on schedule?
select
    service,
    environment,
    feature,
    minutes_promised,
    minutes_read,
    debt,
    labels as n
from review_debt_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by debt desc, n
limit 500
