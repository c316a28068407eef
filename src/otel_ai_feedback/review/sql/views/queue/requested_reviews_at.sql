-- For which outputs was a review requested, as known at a given time?
-- Now: For which outputs is a review requested now?
--
-- Requested ones, and sampled ones on which the first and the second reviewer disagree.
-- `state` is `disposed` once there is a verdict after that, else `leased` or `waiting`.
with
    wanted as
    (
        select output_id, requested_by, reason, requested_at
        from review_requests final
        where requested_at <= {as_of:DateTime64(3, 'UTC')}
        union all
        select
            output_id,
            '' as requested_by,
            'disagreement' as reason,
            max(said_at) as requested_at
        from
        (
            select
                output_id,
                reading,
                argMin(verdict, (reviewed_at, review_id)) as word,
                min(reviewed_at) as said_at
            from reviews final
            where
                reading in ('first', 'second')
                and verdict in ('good', 'bad')
                and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
            group by output_id, reading
        )
        group by output_id
        having uniqExact(word) = 2
    ),
    said as
    (
        select
            output_id,
            max(reviewed_at) as said_at,
            argMax(verdict, (reviewed_at, review_id)) as word,
            argMax(reviewer, (reviewed_at, review_id)) as reader
        from reviews final
        where
            reading = 'extra'
            and verdict != 'skipped'
            and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
        group by output_id
    )
select
    asked.output_id as output_id,
    asked.reasons as reasons,
    asked.people as people,
    asked.asked_at as asked_at,
    multiIf(
        said.said_at >= asked.asked_at, 'disposed',
        leased.leased_by != '', 'leased',
        'waiting'
    ) as state,
    leased.leased_by as leased_by,
    if(said.said_at >= asked.asked_at, said.word, '') as verdict,
    if(said.said_at >= asked.asked_at, said.reader, '') as reader
from
(
    select
        output_id,
        groupUniqArray(reason) as reasons,
        groupUniqArrayIf(requested_by, requested_by != '') as people,
        max(requested_at) as asked_at
    from wanted
    group by output_id
) as asked
left join said on said.output_id = asked.output_id
left join review_leases_at(as_of = {as_of:DateTime64(3, 'UTC')}) as leased
    on leased.output_id = asked.output_id and leased.reading = 'extra'
