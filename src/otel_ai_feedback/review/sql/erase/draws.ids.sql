-- Which sampled outputs of a person are in rows that stay, as those are about others too?
select output_id
from review_draw
where output_id in
(
    select concat(trace_id, '-', span_id)
    from output_state
    where subject = {subject:String}
)
