-- How many actions came in the last day?
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    toFloat64(count()) as value
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
qualify multiIf(
    chosen != '', has(splitByChar(',', chosen), toString(environment)),
    max(environment = 'production') over (), environment = 'production',
    true
)
order by service, environment, feature
