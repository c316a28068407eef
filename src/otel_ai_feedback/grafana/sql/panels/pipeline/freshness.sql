-- When did the newest answer in the rates of each feature end, and how many are there?
select
    service,
    environment,
    feature,
    max(hour) as newest_hour,
    dateDiff('second', newest_hour, toTimeZone($__toTime_ms, 'UTC')) as age,
    sum(answers) as n
from signal_hours_within(
    since = toDate(toTimeZone($__toTime, 'UTC')) - 27,
    until = toDate(toTimeZone($__toTime, 'UTC')) + 1
)
where
    signal = '(used)'
    and hour <= toTimeZone($__toTime_ms, 'UTC')
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
group by service, environment, feature
order by age desc
limit 500
