-- What did the user of an output do with it, and how many seconds after it was asked for?
select
    arrayJoin(mapFilter(
        (name, at) -> name != 'edited_heavily',
        arrayReduce('minMap', [done, derived])
    )) as reaction,
    transform(
        reaction.1,
        ['copied_part', 'reasked', 'closed'],
        ['copied in part', 'asked again', 'closed the page'],
        reaction.1
    ) as action,
    (
        toUnixTimestamp64Milli(reaction.2) - toUnixTimestamp64Milli(toDateTime64(started, 3, 'UTC'))
    ) / 1000 as after
from output_facts final
where
    present
    and output_day = {day:Date}
    and trace_id = {trace_id:String}
    and span_id = {span_id:String}
order by after, action
