-- Which outputs have been drawn for review, some 100 a week of each service and feature?
insert into draws
(
    day, service, environment, feature, model, release, stratum, weight, weight_known, outputs,
    ratings, rate, threshold, drawn, run, frozen_at
)
with
    toDate({until:DateTime('UTC')}, 'UTC') - 2 - intDiv(number, 600) as day,
    number % 600 as place,
    greatest(2., {total:UInt64} / ({days:Float64} * 600)) as outputs,
    least(1., 1.2 / outputs) as threshold
select
    day,
    concat('service-', toString(place % 5)) as service,
    'production' as environment,
    concat('feature-', toString(intDiv(place, 5) % 10)) as feature,
    ['gpt-4o', 'gpt-4o-mini', 'claude-3-5-sonnet', 'llama-3.1-70b'][intDiv(place, 50) % 4 + 1] as model,
    '1.4' as release,
    ['none', 'used', 'rejected'][intDiv(place, 200) + 1] as stratum,
    1. as weight,
    true as weight_known,
    outputs,
    arrayWithConstant(6, toUInt64(1)) as ratings,
    1. as rate,
    threshold,
    arrayMap(
        item -> (
            concat(
                lower(hex(sipHash128(number, item, 'drawn'))), '-',
                lower(hex(sipHash64(number, item, 'drawn')))
            ),
            (sipHash64(number, item) % 1000000 + .5) / 1000000
        ),
        range(1 + (sipHash64(number) % 5 = 0))
    ) as drawn,
    'bench' as run,
    toDateTime64(day, 3, 'UTC') + interval 26 hour as frozen_at
from numbers(toUInt64({days:Float64}) * 600)
