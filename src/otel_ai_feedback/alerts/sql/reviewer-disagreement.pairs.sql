-- How many answers were reviewed twice?
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    kind,
    reviewer,
    toFloat64(pairs) as value
from reviewer_agreement_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
qualify {{watched(chosen)}}
order by service, environment, feature, kind, reviewer
