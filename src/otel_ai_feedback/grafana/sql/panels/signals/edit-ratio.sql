-- How much of an output did people change before they used it, each day?
--
-- Submitted edits by the share that was changed; a day without edits has no row.
with coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC') as zone
select
    toDateTime(day, zone) as time,
    countIf(value >= 0 and value < 0.05) as `0-5 %`,
    countIf(value >= 0.05 and value < 0.33) as `5-33 %`,
    countIf(value >= 0.33 and value < 0.5) as `33-50 %`,
    countIf(value >= 0.5 and value < 0.75) as `50-75 %`,
    countIf(value >= 0.75 and value < 1.01) as `75-100 %`
from actions_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'),
    since = toDate(toTimeZone($__fromTime, 'UTC')),
    until = toDate(toTimeZone($__toTime, 'UTC')) + 1
)
where
    action = 'edit'
    and checkpoint is null
    and value is not null
    and $__timeFilter(actions_within.time)
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
group by day
order by time
