-- How many user actions have come in since yesterday, and how many of them found their output?
select
    count() as actions,
    countIf(output_id != '') as linked_actions
from actions_within(
    as_of = now64(3, 'UTC'), since = {today:Date} - 1, until = '2149-06-06'
)
where
    source != 'derived'
    and ({service:String} = '' or service = {service:String})
    and ({environment:String} = '' or environment = {environment:String})
    and ({feature:String} = '' or feature = {feature:String})
