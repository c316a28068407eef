-- To which week does a sampled output belong, and has it ended?
select
    week,
    week + 7 <= {{today}} as closed
from review_draw
where output_id = {output_id:String}
limit 1
