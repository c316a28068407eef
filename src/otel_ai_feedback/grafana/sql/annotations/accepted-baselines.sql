-- When was a new baseline accepted?
with {{zone}} as zone
select
    toDateTime(from_day, zone) as time,
    concat(
        'new baseline of ', if(series = '', 'all signals', toString(series)), ' accepted',
        if(author = '', '', concat(' by ', author)), if(reason = '', '', concat(': ', reason))
    ) as text,
    'accepted baseline' as tags
from accepted_baselines
where
    $__timeFilter(time)
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by time
