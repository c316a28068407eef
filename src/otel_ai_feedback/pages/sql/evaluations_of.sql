-- What do other tools say of some outputs?
select
    output_id,
    time,
    carrier,
    kind,
    name,
    evaluator,
    score,
    label,
    passed
from evaluations_within(
    as_of = now64(3, 'UTC'), since = '1970-01-01', until = '2149-06-06'
)
where output_id in {outputs:Array(String)}
order by output_id, kind, name, time
limit 500
