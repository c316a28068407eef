-- How far back do the newest outputs of a choice reach, of those that began up to a given time?
--
-- A narrow look before `outputs`, which costs as much as the outputs that it looks at.
select
    count() as outputs,
    toUnixTimestamp64Milli(min(started)) as from_time
from
(
    select started
    from output_facts final
    where
        present
        and output_day >= {since:Date}
        and output_day <= {until:Date}
        and toUnixTimestamp64Milli(started) <= {before_time:Int64}
        and ({service:String} = '' or service = {service:String})
        and ({environment:String} = '' or environment = {environment:String})
        and ({feature:String} = '' or feature = {feature:String})
        and ({model:String} = '' or model = {model:String})
        and ({conversation:String} = '' or conversation_id = {conversation:String})
    order by started desc
    limit {limit:UInt32}
)
