-- To whom was a lease given, of which output, for which reading?
select
    output_id,
    reading,
    reviewer,
    min(leased_at) as began
from review_leases
where lease_id = {lease_id:String}
group by output_id, reading, reviewer
limit 1
