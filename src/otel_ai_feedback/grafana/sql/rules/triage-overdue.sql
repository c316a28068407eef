-- How many open incidents of each group are past their deadline?
select
    service,
    environment,
    feature,
    toFloat64(sum(open and overdue)) as value
from incidents_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
group by service, environment, feature
order by service, environment, feature
