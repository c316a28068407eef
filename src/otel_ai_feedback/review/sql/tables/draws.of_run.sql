-- What has a run sampled, per group and week, and out of how many outputs?
select
    toMonday(day) as week,
    service,
    environment,
    feature,
    sum(outputs) as outputs,
    sum(length(drawn)) as drawn
from draws
where run = {run:String}
group by week, service, environment, feature
order by week, service, environment, feature
