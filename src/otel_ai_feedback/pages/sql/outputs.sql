-- Which outputs of some time were delivered, the newest first, and what did users do with each?
select
    output_id,
    time,
    service,
    environment,
    feature,
    model,
    output_length,
    duration_seconds,
    delivered_by,
    class,
    matured,
    arrayFilter(
        signal -> signal != '',
        [
            if(seen_at is not null, 'seen', ''),
            if(copied_at is not null, 'copied', ''),
            if(copied_at is null and copied_part_at is not null, 'copied in part', ''),
            if(edited_heavily_at is not null, 'edited heavily', if(edited_at is not null, 'edited', '')),
            if(accepted_at is not null, 'accepted', ''),
            if(inserted_at is not null, 'inserted', ''),
            if(shared_at is not null, 'shared', ''),
            if(rejected_at is not null, 'rejected', ''),
            if(reasked_at is not null, 'reasked', ''),
            if(regenerated_at is not null, 'regenerated', ''),
            if(closed_fast_at is not null, 'closed fast', ''),
            if(rated_at is not null, 'rated', ''),
            if(escalated_at is not null, 'escalated', '')
        ]
    ) as signals
from outputs_within(
    as_of = now64(3, 'UTC'),
    since = toDate(
        intDiv({from_time:Int64}, 1000),
        {{zone}}
    ),
    until = toDate(
        intDiv({before_time:Int64}, 1000),
        {{zone}}
    )
)
where
    trace_id in
    (
        select trace_id
        from output_spans
        where
            output_day >= toDate(intDiv({from_time:Int64}, 1000), 'UTC')
            and output_day <= toDate(intDiv({before_time:Int64}, 1000), 'UTC')
            and toUnixTimestamp64Milli(started) >= {from_time:Int64}
            and toUnixTimestamp64Milli(started) <= {before_time:Int64}
            and ({service:String} = '' or service = {service:String})
            and ({environment:String} = '' or environment = {environment:String})
            and ({feature:String} = '' or feature = {feature:String})
            -- what a span lacks may stand on one inside it
            and ({model:String} = '' or model in ('', {model:String}))
            and ({conversation:String} = '' or conversation_id in ('', {conversation:String}))
    )
    and toUnixTimestamp64Milli(time) >= {from_time:Int64}
    and (
        {before_id:String} = ''
        or (toUnixTimestamp64Milli(time), output_id) < ({before_time:Int64}, {before_id:String})
    )
    and ({service:String} = '' or service = {service:String})
    and ({environment:String} = '' or environment = {environment:String})
    and ({feature:String} = '' or feature = {feature:String})
    and ({model:String} = '' or model = {model:String})
    and ({class:String} = '' or class = {class:String})
    and ({conversation:String} = '' or conversation_id = {conversation:String})
order by toUnixTimestamp64Milli(time) desc, output_id desc
limit {limit:UInt32}
