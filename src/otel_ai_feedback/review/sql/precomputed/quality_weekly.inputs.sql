-- From what is the quality of each closed week told, and from what was it when it was last told?
--
-- `counts` is a hash of what was sampled and of first readings; `context` of which groups have
-- stars and of `rule`, by which quality is computed.
with
    {{zone}} as zone,
    toMonday(toDate({as_of:DateTime64(3, 'UTC')}, zone)) as this_week,
    (
        select cityHash64(
            {rule:UInt64}, zone, arraySort(groupUniqArray((service, environment, feature)))
        )
        from draws
        where arraySum(arraySlice(ratings, 3)) > 0 and toMonday(day) < this_week
    ) as stars
select
    week,
    said.counts as counts,
    stars as context,
    known.version as known_version,
    known.counts as known_counts,
    known.context as known_context
from
(
    select week, sum(content) as counts
    from
    (
        select
            toMonday(day) as week,
            cityHash64(
                day, service, environment, feature, model, release, stratum, weight, weight_known,
                outputs, ratings, rate, threshold, run, frozen_at
            ) as content
        from draws
        where week < this_week
        union all
        select
            drawn.week as week,
            cityHash64(
                review_id, output_id, reviewer, verdict, reviewed_at,
                -- a day after a skip the output counts as read
                verdict = 'skipped'
                    and reviewed_at + interval 1 day <= {as_of:DateTime64(3, 'UTC')}
            ) as content
        from reviews as given final
        join
        (
            select
                toMonday(day) as week,
                arrayJoin(draws.drawn).1 as output_id
            from draws
            where week < this_week
        ) as drawn using (output_id)
        where reading = 'first' and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
    )
    group by week
) as said
left join
(
    select day as week, version, counts, context
    from rollup_inputs final
    where rollup = 'quality'
) as known using (week)
order by week
