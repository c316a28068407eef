-- How many outputs did each group have per week and stratum, when the days were frozen?
select
    week,
    service,
    environment,
    feature,
    stratum,
    sum(outputs) as outputs,
    max(rate) as rate,
    min(threshold) as lowest_threshold,
    max(threshold) as highest_threshold,
    sum(length(drawn)) as drawn
from frozen_days
group by week, service, environment, feature, stratum
