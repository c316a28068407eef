-- How many user actions have been counted since yesterday, and how many of them found their output?
select
    sum(l.actions) as actions,
    sumIf(l.actions, link_method != 'unlinked') as linked_actions
from links as l
where
    day >= {today:Date} - 1
    and ({service:String} = '' or service = {service:String})
    and ({environment:String} = '' or environment = {environment:String})
    and ({feature:String} = '' or feature = {feature:String})
