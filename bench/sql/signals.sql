-- What have the jobs counted of a number of outputs, by day or by hour, service, feature and model?
insert into signal_counts
(
    day, version, frozen, hour, service, environment, feature, model, release, signal, shown, answers, k, n
)
with
    intDiv(number, 200) as step,
    number % 200 as place,
    if(
        {hours:UInt8} = 1,
        toStartOfHour({until:DateTime('UTC')}) - toIntervalHour(step),
        toStartOfDay({until:DateTime('UTC')}) - toIntervalDay(step)
    ) as at,
    if({hours:UInt8} = 1, 24, 1) as steps_a_day,
    if({hours:UInt8} = 1, 1, 64) as buckets
select
    toDate(at, 'UTC') as day,
    1 as version,
    1 as frozen,
    if({hours:UInt8} = 1, at, toDateTime(0, 'UTC')) as hour,
    concat('service-', toString(place % 5)) as service,
    'production' as environment,
    concat('feature-', toString(intDiv(place, 5) % 10)) as feature,
    ['gpt-4o', 'gpt-4o-mini', 'claude-3-5-sonnet', 'llama-3.1-70b'][intDiv(place, 50) % 4 + 1] as model,
    '1.4' as release,
    signal,
    if(signal in ('copied', 'reasked', '(used)'), intDiv(answers, 5), if(signal = '(seen)', answers, 0))
        as shown,
    toUInt64(greatest(1, {total:UInt64} / ({days:Float64} * steps_a_day * 200))) as answers,
    arrayMap(
        bucket -> shown / buckets * (1 + (buckets > 1) * (sipHash64(place, bucket) % 100 - 49.5) / 200),
        range(toUInt8(buckets))
    ) as k,
    arrayWithConstant(buckets, answers / buckets) as n
from numbers(toUInt64({days:Float64} * if({hours:UInt8} = 1, 24, 1)) * 200)
array join
[
    'copied', 'closed_fast', 'reasked', 'regenerated', 'failed', '(used)', '(seen)', '(actions)'
] as signal
