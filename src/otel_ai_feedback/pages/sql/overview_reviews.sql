-- How much of the planned review time was used, and how many reviews count for each feature?
select
    service,
    environment,
    feature,
    minutes_promised,
    minutes_read,
    labels,
    debt
from review_debt_kept_at(as_of = now64(3, 'UTC'))
where
    ({service:String} = '' or service = {service:String})
    and ({environment:String} = '' or environment = {environment:String})
    and ({feature:String} = '' or feature = {feature:String})
order by service, environment, feature
