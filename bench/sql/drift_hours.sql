-- Hours of signals as the jobs would have counted them: days before today, groups, models.
insert into signal_counts
(
    day, version, frozen, hour, service, feature, model, release, prompt_version, signal, shown, answers, k, n
)
select
    toDate(hour) as day,
    1 as version,
    1 as frozen,
    toStartOfHour(now('UTC') - number * 3600, 'UTC') as hour,
    concat('service-', toString(grouped)) as service,
    'chat' as feature,
    concat('model-', toString(model_number)) as model,
    concat('release-', toString(intDiv(number, 336))) as release,
    concat('prompt-', toString(intDiv(number, 672))) as prompt_version,
    signal_and_rate.1 as signal,
    toUInt64(round(answers * (signal_and_rate.2 + cityHash64(hour, service, model, signal) % 100 / 5000)))
        as shown,
    100 + cityHash64(hour, grouped, model_number) % 60 as answers,
    [toFloat64(shown)] as k,
    [toFloat64(answers)] as n
from numbers(24 * {days:UInt32})
array join range({groups:UInt32}) as grouped
array join range({models:UInt32}) as model_number
array join
[
    ('failed', .01), ('copied', .25), ('closed_fast', .05), ('accepted', .2), ('reasked', .1),
    ('regenerated', .04)
] as signal_and_rate
