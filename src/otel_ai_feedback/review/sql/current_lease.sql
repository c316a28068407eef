-- What has this reviewer on the screen, the newest lease first?
select lease, output_id, reading
from review_leases_at(as_of = {as_of:DateTime64(3, 'UTC')})
where
    leased_by = {reviewer:String}
    and (reading = 'extra') = {extra:Bool}
order by leased_until desc
limit 1
