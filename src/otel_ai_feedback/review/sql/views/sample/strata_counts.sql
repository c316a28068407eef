-- How many outputs did each feature have per week and stratum, when the days were frozen?
--
-- late_outputs are those by which a stratum of a day has grown since: they arrived, or were delivered, after
-- the freeze, or a late action has changed their class. They are in no quality score.
with
    frozen as
    (
        select
            day,
            any(week) as week,
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
        group by day, service, environment, feature, stratum
    )
select
    toMonday(day) as week,
    service,
    environment,
    feature,
    stratum,
    sum(frozen.outputs) as outputs,
    max(frozen.rate) as rate,
    min(frozen.lowest_threshold) as lowest_threshold,
    max(frozen.highest_threshold) as highest_threshold,
    sum(frozen.drawn) as drawn,
    sum(greatest(0., recounted.outputs - frozen.outputs)) as late_outputs
from frozen
full join
(
    select day, service, environment, feature, stratum, outputs
    from draw_recounts final
) as recounted using (day, service, environment, feature, stratum)
group by week, service, environment, feature, stratum
