-- What did answers of each arm take, and were they used, of those whose random trace ids come first?
--
-- The rows of `compare/counts` for time and cost, at the price of the answers that are looked at: those
-- whose trace ids are below `below`, which is a range of the facts of each day.
with
    -- what an answer costs is the cost of all calls for it; a span that came twice counts once
    traits as
    (
        select
            trace_id,
            sum(span_cost) as cost
        from
        (
            select
                trace_id,
                span_id,
                max(cost) as span_cost
            from span_traits
            where
                day >= least({since_a:Date}, {since:Date}) - 1
                and day <= greatest({until:Date}, {until_a:Date}) + 1
                and trace_id < {below:String}
            group by trace_id, span_id
        )
        group by trace_id
    )
select
    arm,
    part,
    measure.1 as measured,
    toFloat64(count()) as answers,
    sumMap(map(bucket, measure.2 * weight)) as k,
    sumMap(map(bucket, weight)) as n
from
(
    select
        {{version_of(o, {by:String})}} as version,
        {{arm_of(o.day, version)}} as arm,
        if({by:String} = 'days' or o.day < {since:Date} + 7, 'first', 'later') as part,
        o.bucket as bucket,
        o.weight as weight,
        {{is_use(o.done)}} as used,
        arrayJoin(arrayConcat(
            [('seconds', o.duration_seconds), ('used with time', toFloat64(used))],
            if(
                traits.cost is null,
                [],
                [('cost', ifNull(traits.cost, 0.)), ('used with cost', toFloat64(used))]
            )
        )) as measure
    from outputs_within(
        as_of = {as_of:DateTime64(3, 'UTC')},
        since = least({since_a:Date}, {since:Date}),
        until = greatest({until:Date}, {until_a:Date})
    ) as o
    left any join traits on traits.trace_id = o.trace_id
    where
        o.matured
        and o.service = {service:String}
        and ({environment:String} = '' or o.environment = {environment:String})
        and ({feature:String} = '' or o.feature = {feature:String})
        and o.trace_id < {below:String}
        and arm != ''
)
group by arm, part, measured
order by arm, part, measured
