-- What share of the last day's actions found their output, at most?
--
-- The upper end of the 95 % Wilson interval: a day with few actions is near 1 and proves nothing.
with
    coalesce((select value from settings final where name = 'environments'), '') as chosen,
    1.959964 * 1.959964 as zz
select
    service,
    environment,
    feature,
    toFloat64(least(1,
        (2 * n * share + zz + sqrt(zz * (zz + 4 * n * share * (1 - share)))) / (2 * (n + zz))
    )) as value
from
(
    select
        service,
        environment,
        feature,
        count() as n,
        countIf(output_id != '') / n as share
    from actions_within(
        as_of = toTimeZone($__toTime_ms, 'UTC'),
        since = toDate(toTimeZone($__toTime_ms, 'UTC')) - 2,
        until = toDate(toTimeZone($__toTime_ms, 'UTC')) + 1
    )
    where
        source != 'derived'
        and sampled
        and time > toTimeZone($__toTime_ms, 'UTC') - interval 1 day
    group by service, environment, feature
)
qualify multiIf(
    chosen != '', has(splitByChar(',', chosen), toString(environment)),
    max(environment = 'production') over (), environment = 'production',
    true
)
order by service, environment, feature
