-- Which actions does the store have from the demo's service in its window, and on which outputs?
select
    action_id,
    output_id,
    action,
    source
from actions
where
    service = {service:String}
    and time >= toDateTime64({start:Int64}, 3, 'UTC')
    and time <= toDateTime64({end:Int64}, 3, 'UTC')
