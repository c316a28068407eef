-- How often does a reviewer disagree with three people who agreed, as known at a given time?
-- Now: How often does a reviewer disagree with three people who agreed, as known now?
--
-- Over the last 20 gold items of each reviewer, by their first verdict on each. `flagged` from 5 wrong on:
-- a reviewer who errs in one of twenty is flagged by chance in .3 % of the cases, in one of ten in 4 %.
-- An answer that is neither good nor bad is not counted.
select
    reviewer,
    count() as items,
    countIf(said != gold.verdict) as wrong,
    toUInt8(wrong >= 5) as flagged,
    max(said_at) as last_at
from
(
    select
        answers.reviewer as reviewer,
        answers.said as said,
        answers.said_at as said_at,
        gold.verdict as verdict,
        row_number() over
            (partition by answers.reviewer order by answers.said_at desc, answers.output_id) as place
    from
    (
        select
            output_id,
            reviewer,
            argMin(verdict, (reviewed_at, review_id)) as said,
            min(reviewed_at) as said_at
        from reviews final
        where
            reading = 'gold'
            and verdict in ('good', 'bad')
            and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
        group by output_id, reviewer
    ) as answers
    join gold_items_at(as_of = {as_of:DateTime64(3, 'UTC')}) as gold
        on gold.output_id = answers.output_id
    where not has(gold.reviewers, answers.reviewer)
) as gold
where place <= 20
group by reviewer
