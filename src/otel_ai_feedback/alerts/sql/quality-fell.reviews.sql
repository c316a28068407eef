-- How many reviews are in the newest quality score of each feature?
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    toFloat64(argMax(labels, (window_end, -window_days))) as value
from quality_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'),
    since = toDate(toTimeZone($__toTime_ms, 'UTC')) - 34
)
where
    model = ''
    and release = ''
    and reason = ''
group by service, environment, feature
qualify {{watched(chosen)}}
order by service, environment, feature
