-- What decides, day by day, which outputs of each service and feature count as delivered?
insert into delivery_rules (day, service, environment, feature, rule)
select
    toDate({until:DateTime('UTC')}, 'UTC') - 1 - intDiv(number, 50) as day,
    concat('service-', toString(number % 5)) as service,
    'production' as environment,
    concat('feature-', toString(intDiv(number % 50, 5))) as feature,
    1 as rule
from numbers(toUInt64({days:Float64}) * 50)
