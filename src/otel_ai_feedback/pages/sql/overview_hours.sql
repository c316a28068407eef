-- How is each signal in its newest hour compared with what is usual, and is that an outage?
select
    service,
    environment,
    feature,
    series,
    hour,
    k,
    n,
    rate,
    outages.expected as expected,
    z,
    direction,
    compared_with,
    why_not_judged
from outages_kept_at(as_of = now64(3, 'UTC')) as outages
where
    hour >= now('UTC') - interval 1 day
    and ({service:String} = '' or service = {service:String})
    and ({environment:String} = '' or environment = {environment:String})
    and ({feature:String} = '' or feature = {feature:String})
order by service, environment, feature, series
