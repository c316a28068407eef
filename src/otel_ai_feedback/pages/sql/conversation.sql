-- Which outputs stand before and after one in its conversation, a day to either side?
select
    output_id,
    time,
    model,
    output_length,
    class
from outputs_within(
    as_of = now64(3, 'UTC'),
    since = {day:Date} - 1,
    until = {day:Date} + 1
)
where
    conversation_id = {conversation:String}
    and service = {service:String}
    and environment = {environment:String}
order by time, output_id
limit 100
