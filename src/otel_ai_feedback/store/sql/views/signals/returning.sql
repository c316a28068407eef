-- Which share of last week's people came back this week, as last counted?
select
    day,
    service,
    environment,
    feature,
    model,
    release,
    k,
    n
from returning_weeks
where (day, version) in
(
    select day, version
    from rollup_days final
    where rollup = 'returning'
)
