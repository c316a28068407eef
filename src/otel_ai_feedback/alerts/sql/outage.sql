-- Is a signal unusual for this hour of the week, now and in the hour before? 1 is yes.
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    series,
    toFloat64(outage) as value
from outages_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
qualify {{watched(chosen)}}
order by service, environment, feature, series
