-- Hours of signals as the jobs would have counted them: days before today, groups, models.
insert into signals_frozen
    (
        day, version, hour, service, feature, model, release, prompt_version, max_weight, outputs,
        failures, answers, seen_answers, turns, hashed_turns, copies, seen_copies, closes, seen_closes,
        accepts, seen_accepts, reasks, hashed_reasks, regenerations, hashed_regenerations
    )
select
    toDate(hour) as day,
    1 as version,
    toStartOfHour(now('UTC') - number * 3600, 'UTC') as hour,
    concat('service-', toString(grouped)) as service,
    'chat' as feature,
    concat('model-', toString(model_number)) as model,
    concat('release-', toString(intDiv(number, 336))) as release,
    concat('prompt-', toString(intDiv(number, 672))) as prompt_version,
    1 as max_weight,
    arrayMap(i -> 100 + cityHash64(hour, grouped, model_number) % 60, range(3)) as outputs,
    arrayMap(x -> round(x * .01), outputs) as failures,
    outputs as answers,
    outputs as seen_answers,
    outputs as turns,
    outputs as hashed_turns,
    arrayMap(x -> round(x * (.25 + cityHash64(hour, service, model, 1) % 100 / 1000)), outputs)
        as copies,
    copies as seen_copies,
    arrayMap(x -> round(x * .05), outputs) as closes,
    closes as seen_closes,
    arrayMap(x -> round(x * .2), outputs) as accepts,
    accepts as seen_accepts,
    arrayMap(x -> round(x * .1), outputs) as reasks,
    reasks as hashed_reasks,
    arrayMap(x -> round(x * .04), outputs) as regenerations,
    regenerations as hashed_regenerations
from numbers(24 * {days:UInt32})
array join range({groups:UInt32}) as grouped
array join range({models:UInt32}) as model_number
