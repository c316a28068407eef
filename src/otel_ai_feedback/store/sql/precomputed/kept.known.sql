-- What was last kept of each answer, as of when, and on what did it rest?
select
    i.rollup as rollup,
    max(i.day) as day,
    argMax(i.counts, i.version) as text,
    argMax(i.context, i.version) as rests_on,
    max(d.as_of) as as_of
from rollup_inputs as i
inner join rollup_days as d using (rollup, day)
where endsWith(i.rollup, '_kept')
group by i.rollup
