-- For how many days has each signal been changing?
--
-- Since the most likely day of the last two weeks. Where only the accepted baseline says that it
-- changed: the four weeks that are compared with that.
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    segment_kind,
    segment,
    series,
    toFloat64(if(
        argMax(direction = '' and since_accepted_alarm, day),
        28,
        max(day) - {{changed_day}} + 1
    )) as value
from drift_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'), since = toDate(toTimeZone($__toTime_ms, 'UTC')) - 14
)
group by service, environment, feature, segment_kind, segment, series
qualify {{watched(chosen)}}
order by service, environment, feature, segment_kind, segment, series
