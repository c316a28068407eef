-- Is the receiver rejecting telemetry? 1 is yes.
--
-- The view `loop_parts_at` decides, with the thresholds of the setting `HEALTH_THRESHOLDS`.
select
    service,
    environment,
    feature,
    toFloat64(firing) as value
from loop_parts_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where alarm = 'receiver-refusing'
order by service, environment, feature
