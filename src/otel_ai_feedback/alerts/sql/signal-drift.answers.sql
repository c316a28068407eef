-- How many answers are in the newest point of each signal?
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    segment_kind,
    segment,
    series,
    toFloat64(argMax(n, day)) as value
from drift_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'), since = toDate(toTimeZone($__toTime_ms, 'UTC')) - 14
)
group by service, environment, feature, segment_kind, segment, series
qualify {{watched(chosen)}}
order by service, environment, feature, segment_kind, segment, series
