-- How many actions could pages not deliver, by browser?
select
    day,
    service,
    environment,
    feature,
    browser,
    actions as n,
    lost,
    lost_share
from page_losses
where
    day >= toDate(toTimeZone($__toTime, 'UTC')) - 6
    and day <= toDate(toTimeZone($__toTime, 'UTC')) + 1
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by lost_share desc, day desc, service, environment, feature, browser
limit 500
