-- Do two verdicts on the same answer agree?
select
    service,
    environment,
    feature,
    kind,
    reviewer,
    agreement,
    low,
    high,
    kappa,
    ac1,
    alpha,
    pairs as n
from reviewer_agreement_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by n desc
limit 500
