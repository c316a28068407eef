-- What is the rate of each signal in its newest hour, in percent?
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    series,
    toFloat64(round(100 * rate, 1)) as value
from outages_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC')) as outages
qualify {{watched(chosen)}}
order by service, environment, feature, series
