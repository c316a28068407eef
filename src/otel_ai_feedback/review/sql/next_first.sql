-- Which sampled outputs may this reviewer read next, in the order of reading?
--
-- Closed weeks before the running one, the newest first, then ascending u, ties by id. What someone
-- has skipped comes back to others at once, and to them after six hours.
select output_id
from review_queue_at(as_of = {as_of:DateTime64(3, 'UTC')})
where
    reading = 'first'
    and
    (
        state = 'waiting'
        or
        (
            state = 'skipped'
            and not arrayExists(
                skip -> skip.1 = {reviewer:String}
                    and skip.2 > {as_of:DateTime64(3, 'UTC')} - interval 6 hour,
                skips
            )
        )
    )
order by closed desc, week desc, u, output_id
limit 5
