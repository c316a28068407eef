-- What was done with one output, in the order in which it happened?
select
    action_id,
    time,
    action,
    value,
    label,
    source,
    link_method,
    ambiguous
from actions
where output_id = {output_id:String}
order by time, action_id
limit 500
