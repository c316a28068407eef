-- How many user actions could pages not deliver, by browser?
select
    browser,
    sum(l.actions) as actions,
    sum(l.lost) as lost
from page_losses as l
where
    day >= {since:Date}
    and ({service:String} = '' or service = {service:String})
    and ({environment:String} = '' or environment = {environment:String})
    and ({feature:String} = '' or feature = {feature:String})
group by browser
order by browser
