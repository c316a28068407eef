-- How many other leases of this output are there that have not ended?
--
-- One ends at its time, or when its reviewer has said something.
select count() as leases
from
(
    select
        reviewer,
        min(leased_at) as began
    from review_leases
    where
        output_id = {output_id:String}
        and reading = {reading:String}
        and lease_id != {lease_id:String}
    group by lease_id, reviewer
    having min(until) > {as_of:DateTime64(3, 'UTC')}
) as leases
left join
(
    select reviewer, max(reviewed_at) as said_at
    from reviews
    where output_id = {output_id:String} and reading = {reading:String}
    group by reviewer
) as said using (reviewer)
where said_at < began
