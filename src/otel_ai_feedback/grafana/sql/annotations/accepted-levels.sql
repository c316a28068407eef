-- From when on did somebody say that a new level is right?
with {{zone}} as zone
select
    toDateTime(from_day, zone) as time,
    concat(
        'new level of ', if(series = '', 'every signal', toString(series)), ' accepted',
        if(author = '', '', concat(' by ', author)), if(reason = '', '', concat(': ', reason))
    ) as text,
    'accepted level' as tags
from accepted_levels
where
    $__timeFilter(time)
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by time
