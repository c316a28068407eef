-- Which reasons did people give, and how often?
select
    action,
    reason,
    sum(r.actions) as actions
from reasons as r
where
    day >= {since:Date}
    and ({service:String} = '' or service = {service:String})
    and ({environment:String} = '' or environment = {environment:String})
    and ({feature:String} = '' or feature = {feature:String})
group by action, reason
order by actions desc, action, reason
limit 50
