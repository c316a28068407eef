-- Which sampled outputs of a person are done with, because they are erased?
--
-- Dated to their draw, so that the order of reading has no gap in it at any time, and under the
-- names that they have from now on.
insert into reviews (review_id, output_id, reading, verdict, reviewed_at)
select
    'erased',
    transform(output_id, {ids:Array(String)}, {instead:Array(String)}, output_id),
    'first',
    'erased',
    frozen_at
from review_draw
where has({ids:Array(String)}, output_id)
