-- How were the outputs of a day spread over their lengths, latencies, finish reasons, classes ...?
-- A computation of a closed day is one version; `rollup_days` says which one is current.
create table if not exists histograms
(
    day Date,
    version UInt64,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    -- input, output or signal
    kind LowCardinality(String),
    dimension LowCardinality(String),
    bucket LowCardinality(String),
    -- number of outputs, sum of their weights, and of the squares of those
    outputs Array(Float64) codec(ZSTD(1))
)
engine = MergeTree
partition by toYYYYMM(day)
order by (day, version, service, environment, feature, kind, dimension, bucket)
