-- What have the jobs counted of the facts of a number of outputs, by day, service and feature?
insert into facts_daily
(
    day, version, frozen, service, environment, feature, kind, value, first_time, items,
    total_weight, min_weight, max_weight
)
with
    toDate({until:DateTime('UTC')}, 'UTC') - intDiv(number, 50) as day,
    number % 50 as place,
    toUInt64(greatest(1, {total:UInt64} / ({days:Float64} * 50))) as outputs,
    arrayJoin([
        ('model', 'gpt-4o', 4),
        ('model', 'gpt-4o-mini', 4),
        ('model', 'claude-3-5-sonnet', 4),
        ('model', 'llama-3.1-70b', 4),
        ('release', concat('1.', toString(intDiv(toUInt16(day), 14))), 1),
        ('delivery_rule', 'handle', 1),
        ('weight_source', 'threshold', 1),
        ('link_method', 'handle', 3),
        ('link_method', 'response_id', 30),
        ('link_method', 'unlinked', 40),
        ('fate', 'linked', 3),
        ('fate', 'unlinked', 40),
        ('action', 'seen', 3),
        ('action', 'copy', 10),
        ('edited', '0-5 %', 50)
    ]) as fact
select
    day,
    1 as version,
    1 as frozen,
    concat('service-', toString(place % 5)) as service,
    'production' as environment,
    concat('feature-', toString(intDiv(place, 5))) as feature,
    fact.1 as kind,
    fact.2 as value,
    toDateTime64(day, 3, 'UTC') as first_time,
    intDiv(outputs, fact.3) as items,
    toFloat64(items) as total_weight,
    1. as min_weight,
    1. as max_weight
from numbers(toUInt64({days:Float64}) * 50)
