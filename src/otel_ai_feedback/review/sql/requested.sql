-- What is in the requested reviews, and what was its recent result? What waits comes first.
select
    output_id,
    reasons,
    people,
    asked_at,
    state,
    leased_by,
    verdict,
    reader
from requested_reviews_at(as_of = {as_of:DateTime64(3, 'UTC')})
where state != 'disposed' or asked_at > {as_of:DateTime64(3, 'UTC')} - interval 28 day
order by state = 'disposed', asked_at desc, output_id
limit 200
