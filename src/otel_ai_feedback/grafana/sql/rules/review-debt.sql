-- Is less being read than was promised, or too little for a number? 1 is yes.
--
-- The view `loop_health` decides, with the thresholds of the setting `HEALTH_THRESHOLDS`.
select
    service,
    environment,
    feature,
    toFloat64(firing) as value
from loop_health_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where alarm = 'review-debt'
order by service, environment, feature
