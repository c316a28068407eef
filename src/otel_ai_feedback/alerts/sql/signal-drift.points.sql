-- By how many percentage points has each signal moved since its change began?
--
-- Where only the accepted baseline says that it changed: between that and the last four weeks.
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    segment_kind,
    segment,
    series,
    toFloat64(round(100 * ifNull(argMax(
        if(
            direction = '' and since_accepted_alarm,
            last_28_days_rate - accepted_rate,
            moved
        ),
        day
    ), 0), 1)) as value
from drift_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'), since = toDate(toTimeZone($__toTime_ms, 'UTC')) - 14
)
group by service, environment, feature, segment_kind, segment, series
qualify {{watched(chosen)}}
order by service, environment, feature, segment_kind, segment, series
