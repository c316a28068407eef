-- What rate was expected of each signal, in percent?
--
-- Where only the accepted baseline says that it changed: the rate of that.
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    segment_kind,
    segment,
    series,
    toFloat64(round(100 * argMax(
        if(direction = '' and since_accepted_alarm, accepted_rate, drift.expected),
        day
    ), 1)) as value
from drift_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'), since = toDate(toTimeZone($__toTime_ms, 'UTC')) - 14
) as drift
group by service, environment, feature, segment_kind, segment, series
qualify {{watched(chosen)}}
order by service, environment, feature, segment_kind, segment, series
