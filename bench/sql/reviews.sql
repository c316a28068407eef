-- What have reviewers said, who have read every week down to the same place?
insert into reviews (review_id, output_id, reading, reviewer, verdict, modes, reviewed_at)
select
    output_id as review_id,
    output_id,
    'first' as reading,
    concat('reviewer-', toString(cityHash64(output_id) % 4)) as reviewer,
    if(cityHash64(output_id, 'verdict') % 5, 'good', 'bad') as verdict,
    if(verdict = 'bad', ['wrong', if(u < .3, 'too long', 'off topic')], []) as modes,
    frozen_at + interval 6 hour as reviewed_at
from review_draw
where u < {share:Float64}
