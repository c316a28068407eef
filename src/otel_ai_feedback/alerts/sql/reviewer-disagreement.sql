-- On what share of answers reviewed twice do the two verdicts agree, at most?
--
-- The upper end of the 95 % interval; 1 under 50 pairs, of which nothing is known yet.
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    kind,
    reviewer,
    toFloat64(if(pairs >= 50, high, 1)) as value
from reviewer_agreement_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
qualify {{watched(chosen)}}
order by service, environment, feature, kind, reviewer
