-- Which outputs does the store have from the demo's service in its window?
select
    output_id,
    response_id,
    conversation_id,
    output_hash,
    class
from outputs
where
    service = {service:String}
    and time >= toDateTime64({start:Int64}, 3, 'UTC')
    and time <= toDateTime64({end:Int64}, 3, 'UTC')
