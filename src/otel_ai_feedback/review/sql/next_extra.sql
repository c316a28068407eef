-- Which outputs that were asked for may this reviewer read next, the oldest wish first?
--
-- Who has been one of two readers does not decide between them.
select output_id
from requested_reviews_at(as_of = {as_of:DateTime64(3, 'UTC')})
where
    state = 'waiting'
    and output_id not in
    (
        select output_id
        from reviews
        where
            reviewer = {reviewer:String}
            and reading = 'extra'
            and verdict = 'skipped'
            and reviewed_at > {as_of:DateTime64(3, 'UTC')} - interval 6 hour
    )
    and not
    (
        has(reasons, 'disagreement')
        and output_id in
        (
            select output_id
            from reviews
            where reviewer = {reviewer:String} and reading in ('first', 'second')
        )
    )
order by asked_at, output_id
limit 5
