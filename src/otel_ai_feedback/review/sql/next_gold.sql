-- On which outputs have three people agreed, that this reviewer has never been given?
select output_id
from gold_items_at(as_of = {as_of:DateTime64(3, 'UTC')})
where
    not has(reviewers, {reviewer:String})
    and agreed_at > {as_of:DateTime64(3, 'UTC')} - interval 90 day
    and output_id not in (select output_id from reviews where reviewer = {reviewer:String})
order by sipHash64(concat({reviewer:String}, '/', output_id))
limit 5
