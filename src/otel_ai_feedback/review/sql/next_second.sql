-- Which outputs may this reviewer read that someone has read before, in the order of reading?
--
-- Someone else, where there is anyone else; who reads alone reads their own again after 7 days.
with
    (
        select count() = 0
        from reviews
        where
            reviewer not in ('', {reviewer:String})
            and verdict not in ('skipped', 'erased')
            and reviewed_at > {as_of:DateTime64(3, 'UTC')} - interval 28 day
            and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
    ) as alone
select output_id
from review_queue_at(as_of = {as_of:DateTime64(3, 'UTC')})
where
    reading = 'second'
    and closed
    and
    (
        state = 'waiting'
        or (state = 'skipped' and not arrayExists(skip -> skip.1 = {reviewer:String}, skips))
    )
    and
    (
        first_reader != {reviewer:String}
        or (alone and first_decided_at <= {as_of:DateTime64(3, 'UTC')} - interval 7 day)
    )
order by week desc, u, output_id
limit 5
