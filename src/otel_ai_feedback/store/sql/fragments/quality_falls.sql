-- (fall) How far did the quality score fall, from the 28 days before each window to that window?
select
    later.service as service,
    later.environment as environment,
    later.feature as feature,
    later.window_end as window_end,
    later.window_days as window_days,
    {{fall}} as fall
from quality_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'),
    since = toDate(toTimeZone($__toTime_ms, 'UTC')) - 62
) as later
join
(
    select *
    from quality_within(
        as_of = toTimeZone($__toTime_ms, 'UTC'),
        since = toDate(toTimeZone($__toTime_ms, 'UTC')) - 62
    )
    where model = '' and release = '' and reason = '' and window_days = 28
) as earlier
    on earlier.service = later.service
    and earlier.environment = later.environment
    and earlier.feature = later.feature
    and earlier.window_end = later.window_end - later.window_days
where
    later.model = ''
    and later.release = ''
    and later.reason = ''
    and later.window_end > toDate(toTimeZone($__toTime_ms, 'UTC')) - 35
