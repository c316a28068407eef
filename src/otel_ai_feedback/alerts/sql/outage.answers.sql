-- How many answers are in the newest hour of each signal?
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    series,
    toFloat64(n) as value
from outages_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
qualify {{watched(chosen)}}
order by service, environment, feature, series
