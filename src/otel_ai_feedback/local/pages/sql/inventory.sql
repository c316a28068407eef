-- Which groups and models have sent outputs, and how much of it may already be counted?
select
    service,
    environment,
    feature,
    model,
    count() as outputs,
    countIf(day >= {since:Date}) as recent_outputs,
    countIf(day >= {since:Date} and matured) as counted_outputs,
    countIf(not matured) as waiting_outputs,
    max(time) as newest,
    minIf(matured_at, not matured) as next_counted_at
from outputs
group by service, environment, feature, model
order by outputs desc, service, environment, feature, model
