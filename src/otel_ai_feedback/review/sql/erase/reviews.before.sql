-- Which sampled outputs of a person are done with, because they are erased?
--
-- Dated to their draw, so that the order of reading has no gap in it at any time.
insert into reviews (review_id, output_id, reading, verdict, reviewed_at)
select 'erased', output_id, 'first', 'erased', frozen_at
from review_draw
where output_id in
(
    select concat(trace_id, '-', span_id)
    from output_state
    where subject = {subject:String}
)
