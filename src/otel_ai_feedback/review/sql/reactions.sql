-- What did the user of an output do with it, and how many seconds after it was asked for?
with
    [
        ('seen', seen_at), ('copied', copied_at), ('copied in part', copied_part_at),
        ('edited', edited_at), ('accepted', accepted_at), ('inserted', inserted_at),
        ('shared', shared_at), ('rejected', rejected_at), ('asked again', reasked_at),
        ('regenerated', regenerated_at), ('closed the page', closed_at), ('rated', rated_at),
        ('escalated', escalated_at)
    ] as reported,
    (
        select groupArray((if(action = 'reask', 'asked again', 'regenerated'), toNullable(time)))
        from derived_actions final
        where
            output_day = {day:Date}
            and trace_id = {trace_id:String}
            and span_id = {span_id:String}
            and action in ('reask', 'regenerate')
    ) as derived
select
    arrayJoin(arrayFilter(r -> r.2 is not null, arrayConcat(reported, derived))) as reaction,
    reaction.1 as action,
    (
        toUnixTimestamp64Milli(assumeNotNull(toDateTime64(reaction.2, 3, 'UTC')))
        - toUnixTimestamp64Milli(toDateTime64(started, 3, 'UTC'))
    ) / 1000 as after
from output_spans
where
    output_day = {day:Date}
    and trace_id = {trace_id:String}
    and span_id = {span_id:String}
order by after, action
