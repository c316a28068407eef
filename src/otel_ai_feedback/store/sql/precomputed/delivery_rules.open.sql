-- Of which days has the delivery rule of some group not been kept yet?
select
    uniqExact(day) as days,
    min(day) as first_day,
    max(day) as last_day
from delivery_days
where
    day < toDate(
        {as_of:DateTime64(3, 'UTC')} - interval 1 hour,
        {{zone}}
    )
    and (day, service, environment, feature) not in
    (
        select day, service, environment, feature
        from delivery_rules
    )
