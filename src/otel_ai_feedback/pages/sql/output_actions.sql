-- What did users do with one output in the week after it, in the order in which it happened?
select
    action_id,
    time,
    action,
    value,
    label,
    reason,
    source,
    link_method,
    ambiguous
from actions_within(
    as_of = now64(3, 'UTC'),
    since = {day:Date} - 1,
    until = {day:Date} + 8
)
where output_id = {output_id:String}
order by time, action_id
limit 500
