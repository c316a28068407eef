-- Of how many outputs and actions of a day a fact was true, per group: which model or release made
-- an output, how its weight is known, how an action was linked. A computation of a recent day is
-- its own partition, so that one that was replaced goes without rewriting the others.
create table if not exists facts_daily
(
    day Date,
    -- which computation of the day this is; `rollup_days` says which one is current
    version UInt64,
    -- whether the day was older than a week
    frozen UInt8,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    kind LowCardinality(String),
    value LowCardinality(String),
    first_time DateTime64(3, 'UTC'),
    items UInt64 codec(T64, ZSTD(1)),
    -- of outputs, for how many each stands under head sampling
    total_weight Float64,
    min_weight Float64,
    max_weight Float64
)
engine = MergeTree
partition by if(frozen, toUInt64(toYYYYMM(day)), version)
order by (day, version, kind, service, environment, feature, value)
