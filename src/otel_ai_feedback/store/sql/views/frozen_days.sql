-- Which frozen counts and draws hold, where several processes froze the same day?
select
    day,
    toMonday(day) as week,
    service,
    environment,
    feature,
    model,
    release,
    stratum,
    weight,
    weight_known,
    outputs,
    ratings,
    rate,
    threshold,
    drawn,
    frozen_at
from draws
where (day, service, environment, feature, frozen_at, run) in
(
    select day, service, environment, feature, min((frozen_at, run)).1, min((frozen_at, run)).2
    from draws
    group by day, service, environment, feature
)
