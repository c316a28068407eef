-- Which segments of each feature have moved, by more than chance?
select
    service,
    environment,
    feature,
    series as signal,
    segment_kind,
    segment,
    rate,
    reference,
    z,
    q_value,
    declared,
    segments_at.n as n
from segments_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC')) as segments_at
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by q_value asc nulls last
limit 500
