-- How many answers of a day or an hour showed each signal, of how many that could have, by bucket of users.
--
-- A row with `hour` in 1970 is a whole day, its k and n one number for each of the 64 buckets of users; the
-- others are its hours, k and n one number. Beside the signals of `signal_list` there are counts that are none:
-- `(used)` of all outputs, `(seen)` by the script of all answers, and `(actions)`, how many were reported of
-- answers. A recent day's computation is a partition of its own, so that one that was replaced goes at once.
create table if not exists signal_counts
(
    day Date,
    -- which computation of the day this is; `rollup_days` says which one is current
    version UInt64,
    -- whether the day was older than a week
    frozen UInt8,
    hour DateTime('UTC') codec(Delta(4), ZSTD(1)),
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    model LowCardinality(String),
    release LowCardinality(String),
    prompt_version LowCardinality(String),
    signal LowCardinality(String),
    -- outputs that are here
    shown UInt64 codec(T64, ZSTD(1)),
    answers UInt64 codec(T64, ZSTD(1)),
    -- for how many they stand under head sampling, by bucket
    k Array(Float64) codec(ZSTD(1)),
    n Array(Float64) codec(ZSTD(1)),
    -- of whole days: the rate's 95 % interval, computed once; readers of single days need no arithmetic
    k_weighted Float64 materialized arraySum(k),
    n_weighted Float64 materialized arraySum(n),
    n_effective Float64 materialized if(hour = 0, {{n_effective(k, n, answers)}}, 0),
    low Float64 materialized if(hour = 0, {{wilson_low(k_weighted / n_weighted, n_effective)}}, 0),
    high Float64 materialized if(hour = 0, {{wilson_high(k_weighted / n_weighted, n_effective)}}, 0)
)
engine = MergeTree
partition by if(frozen, toUInt64(toYYYYMM(day)), version)
order by (day, hour, version, signal, service, environment, feature, model, release, prompt_version)
