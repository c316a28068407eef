-- How much does each signal say about quality, by the reviews of the last four closed weeks?
select
    service,
    environment,
    feature,
    toString(name) as signal,
    toString(carrier) as source,
    p_good_with as good_with,
    with_low,
    with_high,
    p_good_without as good_without,
    without_low,
    without_high,
    bits,
    labels as n
from signal_information_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by service, environment, feature, bits desc
limit 500
