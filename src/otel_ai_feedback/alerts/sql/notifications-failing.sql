-- Are notifications about incidents not delivered? 1 is yes.
--
-- The view `loop_triage_at` decides, as the jobs have kept it, with the thresholds of the setting `HEALTH_THRESHOLDS`.
select
    service,
    environment,
    feature,
    toFloat64(firing) as value
from loop_triage_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where alarm = 'notifications-failing'
order by service, environment, feature
