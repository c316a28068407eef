-- From some day on, the level of these groups is the right one.
insert into accepted_baselines
    (service, environment, feature, series, from_day, reason, author, accepted_at)
select
    service,
    environment,
    feature,
    {series:String},
    ifNull({from_day:Nullable(Date)}, max(day)),
    {reason:String},
    {author:String},
    now64(3, 'UTC')
from signal_rates
where
    service = {service:String}
    and ({series:String} = '' or series = {series:String})
    and environment = ifNull({environment:Nullable(String)}, environment)
    and feature = ifNull({feature:Nullable(String)}, feature)
    and day >= ifNull({from_day:Nullable(Date)}, day)
group by service, environment, feature
