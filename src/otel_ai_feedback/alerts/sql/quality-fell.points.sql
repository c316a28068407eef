-- By how many percentage points did the quality score fall, between the same windows as the rule's?
with
    coalesce((select value from settings final where name = 'environments'), '') as chosen,
    numbers as
    (
        select
            service,
            environment,
            feature,
            window_days,
            window_end,
            smoothed_quality
        from quality_within(
            as_of = toTimeZone($__toTime_ms, 'UTC'),
            since = toDate(toTimeZone($__toTime_ms, 'UTC')) - 62
        )
        where model = '' and release = '' and reason = ''
    ),
    pairs as
    (
        select
            service,
            environment,
            feature,
            later.window_end as window_end,
            later.window_days as window_days,
            100 * (earlier.smoothed_quality - later.smoothed_quality) as fall
        from numbers as later
        join (select * from numbers where window_days = 28) as earlier
            on earlier.service = later.service
            and earlier.environment = later.environment
            and earlier.feature = later.feature
            and earlier.window_end = later.window_end - later.window_days
        where later.window_end > toDate(toTimeZone($__toTime_ms, 'UTC')) - 35
    )
select
    service,
    environment,
    feature,
    toFloat64(round(ifNull(argMax(fall, (window_end, -window_days)), 0), 1)) as value
from pairs
group by service, environment, feature
qualify multiIf(
    chosen != '', has(splitByChar(',', chosen), toString(environment)),
    max(environment = 'production') over (), environment = 'production',
    true
)
order by service, environment, feature
