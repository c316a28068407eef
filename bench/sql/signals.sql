-- What have the jobs counted of a number of outputs, by hour, service, feature and model?
insert into signals_frozen
(
    day, version, hour, service, environment, feature, model, release, outputs, class_none,
    class_used, answers, seen_answers, turns, hashed_turns, copied, seen_copied, reasked,
    hashed_reasked
)
with
    intDiv(number, 200) as hours,
    number % 200 as place,
    toStartOfHour({until:DateTime('UTC')}) - toIntervalHour(hours) as hour,
    toUInt64(greatest(1, {total:UInt64} / ({days:Float64} * 24 * 200))) as outputs
select
    toDate(hour, 'UTC') as day,
    1 as version,
    hour,
    concat('service-', toString(place % 5)) as service,
    'production' as environment,
    concat('feature-', toString(intDiv(place, 5) % 10)) as feature,
    ['gpt-4o', 'gpt-4o-mini', 'claude-3-5-sonnet', 'llama-3.1-70b'][intDiv(place, 50) % 4 + 1] as model,
    '1.4' as release,
    outputs,
    outputs - intDiv(outputs, 5) as class_none,
    intDiv(outputs, 5) as class_used,
    outputs as answers,
    outputs as seen_answers,
    outputs as turns,
    outputs as hashed_turns,
    intDiv(outputs, 5) as copied,
    copied as seen_copied,
    intDiv(outputs, 10) as reasked,
    reasked as hashed_reasked
from numbers(toUInt64({days:Float64} * 24) * 200)
