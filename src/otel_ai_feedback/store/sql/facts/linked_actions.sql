-- One row for each user action, with the output that it was done with as far as that is known.
--
-- `day` is that of the action in the store's time zone. A row is written again when its output
-- arrives or turns out to be another; the latest version holds.
create table if not exists linked_actions
(
    day Date,
    action_id String codec(ZSTD(1)),
    time DateTime64(3, 'UTC') codec(Delta(8), ZSTD(1)),
    action LowCardinality(String),
    value Nullable(Float64),
    label LowCardinality(String),
    kept_share Nullable(Float64),
    checkpoint Nullable(UInt32),
    scroll_depth Nullable(Float64),
    selected_share Nullable(Float64),
    method LowCardinality(String),
    source LowCardinality(String),
    browser LowCardinality(String),
    lost UInt32,
    reason LowCardinality(String),
    -- empty while it is not linked
    output_id String codec(ZSTD(1)),
    link_method LowCardinality(String),
    ambiguous UInt8,
    sampled Bool,
    output_arrived Bool,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    subject String codec(ZSTD(1)),
    conversation_id String codec(ZSTD(1)),
    session_id String codec(ZSTD(1)),
    response_id String codec(ZSTD(1)),
    output_hash String codec(ZSTD(1)),
    linked_trace_id String codec(ZSTD(1)),
    trace_id String codec(ZSTD(1)),
    span_id String codec(ZSTD(1)),
    -- why it counts nowhere: no user did it, its time cannot be, or its output is left out
    excluded LowCardinality(String),
    present Bool,
    content UInt64,
    written_at DateTime64(6, 'UTC') default now64(6, 'UTC') codec(Delta(8), ZSTD(1)),
    index written written_at type minmax granularity 1,
    index action action_id type bloom_filter(0.01) granularity 1,
    index linked linked_trace_id type bloom_filter(0.01) granularity 1
)
engine = ReplacingMergeTree(written_at)
partition by toMonday(day)
order by (day, action_id)
