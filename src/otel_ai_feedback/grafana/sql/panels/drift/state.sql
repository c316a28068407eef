-- How near is each signal to its threshold?
select
    service,
    environment,
    feature,
    segment_kind,
    segment,
    series as signal,
    max(day) as newest,
    argMax(rate, day) as rate,
    argMax(expected, day) as expected,
    argMax(greatest(s_down, s_up) / threshold, day) as evidence,
    argMax(since_accepted_z, day) as since_accepted_z,
    argMax(direction, day) as direction,
    argMax(n, day) as n
from drift_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'), since = toDate(toTimeZone($__toTime, 'UTC')) - 14
)
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
group by service, environment, feature, segment_kind, segment, signal
order by evidence desc
limit 500
