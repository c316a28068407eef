-- The details of an output that says whether and why it was sampled for review?
--
-- One row when it is a delivered output; the `group_` columns are of its group on the day that it
-- matured, and zero while that day has not been frozen. `key` is in units of its stratum's rate.
with
    (select (argMin(k0, made_at), argMin(k1, made_at)) from draw_key) as draw_key,
    (
        select (min(output_day), max(output_day))
        from output_facts
        where trace_id = splitByChar('-', {output_id:String})[1]
    ) as days,
    {{zone}} as zone,
    found as
    (
        select
            output_id,
            service,
            environment,
            feature,
            class,
            matured,
            matured_at,
            assumeNotNull(toDate(
                matured_at,
                {{zone}}
            )) as day
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate(greatest(toInt32(tupleElement(days, 1)) - 1, 0)),
            until = toDate(tupleElement(days, 2) + 1)
        )
        where output_id = {output_id:String}
    ),
    frozen as
    (
        select
            day,
            service,
            environment,
            feature,
            sum(outputs) as group_outputs,
            sum(length(drawn)) as group_drawn,
            any(threshold) as threshold
        from frozen_days
        group by day, service, environment, feature
    )
select
    found.service as service,
    found.environment as environment,
    found.feature as feature,
    found.class as class,
    found.matured as matured,
    found.matured_at as matured_at,
    found.day as day,
    found.day <= toDate({as_of:DateTime64(3, 'UTC')} - interval 1 hour, zone) - 1 as day_is_closed,
    frozen.group_outputs as group_outputs,
    frozen.group_drawn as group_drawn,
    frozen.threshold as threshold,
    sipHash64Keyed(draw_key, found.output_id) / pow(2, 64) as uniform,
    drawn.output_id != '' as is_drawn,
    drawn.stratum as stratum,
    drawn.rate as rate,
    drawn.inclusion_probability as inclusion_probability,
    drawn.u as u,
    lots.has_lot and lots.kept = 0 as is_outside_of_lot
from found
left join
(
    select
        service,
        environment,
        feature,
        true as has_lot,
        countIf(concat(trace_id, '-', span_id) = {output_id:String}) as kept
    from output_facts final
    where
        present
        and text_rate > 0
        and output_day >= toDate(greatest(toInt32(tupleElement(days, 1)) - 1, 0))
        and output_day <= toDate(tupleElement(days, 2) + 1)
    group by service, environment, feature
) as lots
    on lots.service = found.service and lots.environment = found.environment
    and lots.feature = found.feature
left join frozen
    on frozen.day = found.day and frozen.service = found.service
    and frozen.environment = found.environment and frozen.feature = found.feature
left join review_draw as drawn on drawn.output_id = found.output_id
