-- What follows from two turns of a conversation: the one before was asked again, or regenerated.
--
-- One row is the present finding on one output, empty when it was withdrawn. Telemetry may arrive in
-- any order, and a turn that comes late between two others changes what follows from them; so this
-- is kept apart from what people sent, and the latest finding replaces the one before.
create table if not exists derived_actions
(
    output_day Date,
    trace_id String codec(ZSTD(1)),
    span_id String codec(ZSTD(1)),
    action LowCardinality(String),
    time DateTime64(3, 'UTC'),
    value Nullable(Float64),
    next_output_id String codec(ZSTD(1)),
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    conversation_id String codec(ZSTD(1)),
    matured_at DateTime64(3, 'UTC'),
    found_at DateTime64(9, 'UTC')
)
engine = ReplacingMergeTree(found_at)
partition by toMonday(output_day)
order by (output_day, trace_id, span_id)
