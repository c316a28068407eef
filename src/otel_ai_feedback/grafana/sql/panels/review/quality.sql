-- What is the quality score by model and release, in the newest 28 days of closed weeks?
select
    service,
    environment,
    feature,
    model,
    release,
    quality,
    low,
    high,
    thumbs_rate as thumbs,
    thumbs_gap,
    weeks_read,
    labels as n,
    reason
from quality_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'), since = toDate(toTimeZone($__toTime, 'UTC')) - 7
) as quality
where
    window_days = 28
    and window_end = toMonday(toDate(toTimeZone($__toTime, 'UTC')))
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by service, environment, feature, labels desc, model, release
limit 500
