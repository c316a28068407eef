-- Which groups of a service have counts on or after a day, and from which day would they start?
select
    service,
    environment,
    feature,
    ifNull({from_day:Nullable(Date)}, max(day)) as from_day
from signal_rates
where
    service = {service:String}
    and ({series:String} = '' or series = {series:String})
    and environment = ifNull({environment:Nullable(String)}, environment)
    and feature = ifNull({feature:Nullable(String)}, feature)
    and day >= ifNull({from_day:Nullable(Date)}, day)
group by service, environment, feature
order by service, environment, feature
