-- Is review behind schedule, or are there too few reviews? 1 is yes.
--
-- The view `loop_review_kept_at` decides, with the thresholds of the setting `HEALTH_THRESHOLDS`.
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    toFloat64(firing) as value
from loop_review_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where alarm = 'review-debt'
qualify {{watched(chosen)}}
order by service, environment, feature
