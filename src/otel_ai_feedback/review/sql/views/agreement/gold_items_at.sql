-- On which outputs have three people agreed, so that other reviewers can be checked against them?
--
-- Three or more said good or bad, each on their own, and no one said the opposite: the latest verdict
-- of each. Verdicts given to a gold item itself (`gold`) change nothing about it.
select
    output_id,
    any(word) as verdict,
    groupArray(reviewer) as reviewers,
    max(said_at) as agreed_at
from
(
    select
        output_id,
        reviewer,
        argMax(verdict, (reviewed_at, review_id)) as word,
        max(reviewed_at) as said_at
    from reviews final
    where
        reading != 'gold'
        and verdict not in ('skipped', 'erased')
        and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
    group by output_id, reviewer
)
where word in ('good', 'bad')
group by output_id
having count() >= 3 and uniqExact(word) = 1
