-- What is the verdict on each output sampled since a day, as known at a given time?
--
-- Of what was read on the day `since` or later; no one reads an output before there is one.
-- The latest verdict of the first reviewer; verdicts of others on the same output are in
-- no score. `disposed_at` is when it was first done with, so that a correction changes nothing about
-- the order: a skip is, after a day, as good as `unsure`.
with
    given as
    (
        select
            *,
            verdict != 'skipped' as decided,
            (reviewed_at, review_id) as place
        from reviews final
        where
            reading = 'first'
            and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
            and reviewed_at >= toDateTime64({since:Date}, 3, 'UTC')
    ),
    readers as
    (
        select
            output_id,
            argMin(reviewer, place) as first_reader
        from given
        where decided
        group by output_id
    ),
    read as
    (
        select
            given.*,
            decided and given.reviewer = readers.first_reader as counts
        from given
        left join readers using (output_id)
    )
select
    output_id,
    anyIf(reviewer, counts) as reviewer,
    argMaxIf(modes, place, counts) as modes,
    minIf(toNullable(reviewed_at), decided) as decided_at,
    minIf(toNullable(reviewed_at), verdict = 'skipped') + interval 1 day as given_up_at,
    if(least(decided_at, given_up_at) <= {as_of:DateTime64(3, 'UTC')},
        least(decided_at, given_up_at), null) as disposed_at,
    multiIf(
        max(counts), argMaxIf(read.verdict, place, counts),
        disposed_at is not null, 'unsure',
        ''
    ) as label
from read
group by output_id
