-- What share of the questions is unlike any test prompt?
select
    service,
    environment,
    feature,
    share,
    low,
    high,
    bad_share,
    bad_labels,
    n
from eval_coverage_gap_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by share desc
limit 500
