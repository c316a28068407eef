-- Did the distribution of questions, answers or outcomes shift by more than noise?
select
    service,
    environment,
    feature,
    kind,
    dimension,
    psi,
    noise,
    over,
    buckets,
    toUInt64(m) as n_before,
    toUInt64(drift_psi_at.n) as n
from drift_psi_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC')) as drift_psi_at
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by psi / noise desc
limit 500
