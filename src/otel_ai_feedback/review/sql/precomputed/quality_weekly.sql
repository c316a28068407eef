-- What share of outputs is good, per window of closed weeks: the rows of `quality_at`, kept.
-- A computation is its own partition, so that one that was replaced goes without rewriting others.
create table if not exists quality_weekly
(
    -- which computation of the window this is; `rollup_days` says which one is current
    version UInt64,
    window_end Date,
    window_days UInt8,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    model LowCardinality(String),
    release LowCardinality(String),
    weeks_read UInt64,
    outputs Float64,
    labels UInt64,
    undecided UInt64,
    reason LowCardinality(String),
    quality Nullable(Float64),
    low Nullable(Float64),
    high Nullable(Float64),
    smoothed_quality Nullable(Float64),
    standard_error Nullable(Float64),
    process_standard_error Nullable(Float64),
    effective_labels Nullable(Float64),
    undecided_share Nullable(Float64),
    quality_if_undecided_bad Nullable(Float64),
    quality_if_undecided_good Nullable(Float64),
    thumbs_up UInt64,
    thumbs_down UInt64,
    thumbs_rate Nullable(Float64),
    thumbs_gap Nullable(Float64)
)
engine = MergeTree
partition by version
order by (window_end, service, environment, feature, window_days, model, release)
