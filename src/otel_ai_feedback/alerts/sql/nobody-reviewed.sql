-- Have reviews stopped? 1 is yes.
--
-- The view `loop_review_kept_at` decides, with the thresholds of the setting `HEALTH_THRESHOLDS`.
select
    service,
    environment,
    feature,
    toFloat64(firing) as value
from loop_review_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where alarm = 'nobody-reviewed'
order by service, environment, feature
