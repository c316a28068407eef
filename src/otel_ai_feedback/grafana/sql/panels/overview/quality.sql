-- What is the quality score with its 95% interval, and what do thumbs show?
--
-- Windows of 28 days at the end of each closed week; no row below 50 reviews.
with {{zone}} as zone
select
    toDateTime(window_end, zone) as time,
    arrayStringConcat(
        arrayDistinct([toString(service), toString(environment), toString(feature)]), ' '
    ) as series,
    quality,
    low,
    high,
    thumbs_rate as thumbs,
    labels as n
from quality_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'), since = toDate(toTimeZone($__fromTime, 'UTC'))
)
where
    window_days = 28
    and model = ''
    and release = ''
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by time, series
