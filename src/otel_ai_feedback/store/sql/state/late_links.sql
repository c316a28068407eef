-- Which output was found afterwards for an action that arrived without a link? The first finding
-- stays, so that what has been counted is not moved about.
create table if not exists late_links
(
    action_id String codec(ZSTD(1)),
    output_day Date,
    trace_id String codec(ZSTD(1)),
    span_id String codec(ZSTD(1)),
    ambiguous UInt8,
    action LowCardinality(String),
    value Nullable(Float64),
    checkpoint Nullable(UInt32),
    time DateTime64(9, 'UTC') codec(Delta(8), ZSTD(1)),
    -- the later it was found, the smaller: the first one wins
    precedence Int64
)
engine = ReplacingMergeTree(precedence)
order by action_id
