-- By how many percentage points did the quality score fall, between the same windows as the rule's?
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    toFloat64(round(ifNull(argMax(fall, (window_end, -window_days)), 0), 1)) as value
from
(
    {{quality_falls(100 * (earlier.smoothed_quality - later.smoothed_quality))}}
)
group by service, environment, feature
qualify {{watched(chosen)}}
order by service, environment, feature
