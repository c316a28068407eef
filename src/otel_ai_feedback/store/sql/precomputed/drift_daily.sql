-- Where each watched series stands on each closed day, or closed week: the rows of `drift_at`, kept.
-- A computation is its own partition, so that one that was replaced goes without rewriting others.
create table if not exists drift_daily
(
    -- which computation of the day this is; `rollup_days` says which one is current
    version UInt64,
    day Date,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    segment_kind LowCardinality(String),
    segment LowCardinality(String),
    series LowCardinality(String),
    mode LowCardinality(String),
    k Float64,
    n Float64,
    rate Float64,
    expected Float64,
    z Nullable(Float64),
    phi Float64,
    r Float64,
    detects String codec(ZSTD(1)),
    s_down Float64,
    s_up Float64,
    threshold Float64,
    moved Float64,
    effect_floor Float64,
    direction LowCardinality(String),
    alarm UInt8,
    accepted_rate Float64,
    last_28_days_rate Float64,
    since_accepted_z Nullable(Float64),
    since_accepted_alarm UInt8
)
engine = MergeTree
partition by version
order by (day, service, environment, feature, segment_kind, segment, series)
