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
where (day, service, environment, feature, frozen_at, run) not in
(
    -- each run but the first of those that froze the same day: mostly there was only one
    select day, service, environment, feature, later.1, later.2
    from
    (
        select day, service, environment, feature, groupUniqArray((frozen_at, run)) as runs
        from draws
        group by day, service, environment, feature
        having length(runs) > 1
    )
    array join arrayFilter(each -> each != arrayMin(runs), runs) as later
)
