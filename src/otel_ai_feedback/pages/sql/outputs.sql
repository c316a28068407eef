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
    arrayConcat(
        if(seen, ['seen'], []),
        arrayMap(
            name -> if(name = 'copied_part', 'copied in part', replaceAll(name, '_', ' ')),
            arraySort(name -> done[name], arrayFilter(
                name -> not (name = 'edited' and mapContains(done, 'edited_heavily'))
                    and not (name = 'copied_part' and mapContains(done, 'copied')),
                mapKeys(done)
            ))
        )
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
    toUnixTimestamp64Milli(time) >= {from_time:Int64}
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
