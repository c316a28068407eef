-- Is this label in the store already?
select count() as known
from reviews
where
    output_id = {output_id:String}
    and review_id = {review_id:String}
