-- What are the details of one output?
select *
from outputs_within(
    as_of = now64(3, 'UTC'),
    since = {day:Date} - 1,
    until = {day:Date} + 1
)
where
    trace_id = {trace_id:String}
    and span_id = {span_id:String}
limit 1
