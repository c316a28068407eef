-- Have background jobs been failing for long? 1 is yes.
--
-- The view `loop_parts_at` decides, with the thresholds of the setting `HEALTH_THRESHOLDS`.
select
    service,
    environment,
    feature,
    toFloat64(firing) as value
from loop_parts_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where alarm = 'jobs-late'
order by service, environment, feature
