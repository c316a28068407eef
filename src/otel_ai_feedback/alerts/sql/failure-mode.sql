-- Is a failure mode new, or recurring after it was closed? 1 is yes.
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    mode,
    toFloat64(greatest(is_new, is_recurring)) as value
from failure_mode_states_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
qualify {{watched(chosen)}}
order by service, environment, feature, mode
