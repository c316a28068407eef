-- How much of an answer did users change before they used it, per day?
--
-- Submitted edits by the share changed; a day without edits has no row.
with {{zone}} as zone
select
    toDateTime(day, zone) as time,
    sumIf(items, value = '0-5 %') as `0-5 %`,
    sumIf(items, value = '5-33 %') as `5-33 %`,
    sumIf(items, value = '33-50 %') as `33-50 %`,
    sumIf(items, value = '50-75 %') as `50-75 %`,
    sumIf(items, value = '75-100 %') as `75-100 %`
from daily_attribute_counts
where
    kind = 'edited'
    and day >= toDate(toTimeZone($__fromTime, 'UTC'))
    and day <= toDate(toTimeZone($__toTime, 'UTC')) + 1
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
group by day
order by time
