-- The daily rates in the time range of a dashboard, of what its variables choose.
signal_rates_within(
    since = toDate(toTimeZone($__fromTime, 'UTC')),
    until = toDate(toTimeZone($__toTime, 'UTC')) + 1
) as rates
where
    $__conditionalAll(rates.service in (${service:singlequote}), $service)
    and $__conditionalAll(rates.environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(rates.feature in (${feature:singlequote}), $feature)
    and $__conditionalAll(rates.model in (${model:singlequote}), $model)
    and $__conditionalAll(rates.release in (${release:singlequote}), $release)
