-- What share of answers is good, by reviewers alone and with each judge's help, in the last four closed weeks?
select
    service,
    environment,
    feature,
    toString(name) as judge,
    toString(carrier) as source,
    quality,
    low,
    high,
    plain as quality_alone,
    plain_low as low_alone,
    plain_high as high_alone,
    labels as n,
    reason as note
from quality_tightened_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by service, environment, feature, judge, source
limit 500
