-- Which outputs stand before and after one in its conversation?
select
    output_id,
    time,
    model,
    output_length,
    class
from outputs
where
    conversation_id = {conversation:String}
    and service = {service:String}
    and environment = {environment:String}
order by time, output_id
limit 100
