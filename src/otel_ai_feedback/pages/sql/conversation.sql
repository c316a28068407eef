-- Which outputs stand before and after one in its conversation, a day to either side?
select
    output_id,
    time,
    model,
    output_length,
    class
from outputs_of_traces_within(
    as_of = now64(3, 'UTC'),
    since = {day:Date} - 1,
    until = {day:Date} + 1,
    -- up to some hundreds are looked up; more cost less among all of their days. No trace has an
    -- empty id, and without any trace the view would take all.
    traces =
    (
        select if(uniq(trace_id) > 500, [], arrayPushBack(groupUniqArray(501)(trace_id), ''))
        from output_state
        where
            output_day >= {day:Date} - 2
            and output_day <= {day:Date} + 2
            and conversation_id = {conversation:String}
    )
)
where
    conversation_id = {conversation:String}
    and service = {service:String}
    and environment = {environment:String}
order by time, output_id
limit 100
