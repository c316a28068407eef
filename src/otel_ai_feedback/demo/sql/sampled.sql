-- Which outputs were sampled, in the order in which they are read?
select
    week,
    output_id
from review_draw
order by week, u, output_id
