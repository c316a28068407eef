-- How many reviews name each failure mode?
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    mode,
    toFloat64(labels) as value
from failure_mode_states_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
qualify {{watched(chosen)}}
order by service, environment, feature, mode
