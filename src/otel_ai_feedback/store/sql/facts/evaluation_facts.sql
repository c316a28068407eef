-- One row for each result of another tool, with the output that it is about as far as that is known.
--
-- A row is written again when its output arrives or turns out to be another; the latest version holds.
create table if not exists evaluation_facts
(
    -- in the store's time zone
    day Date,
    evaluation_id String codec(ZSTD(1)),
    time DateTime64(3, 'UTC') codec(Delta(8), ZSTD(1)),
    carrier LowCardinality(String),
    scope LowCardinality(String),
    kind LowCardinality(String),
    name LowCardinality(String),
    evaluator LowCardinality(String),
    score Nullable(Float64),
    label LowCardinality(String),
    -- empty while it is not linked
    output_id String codec(ZSTD(1)),
    -- how the output was found: span, request, trace or response; empty while it was not
    link_method LowCardinality(String),
    -- day of the output in the store's time zone, and its group of people
    output_day Date,
    bucket UInt8,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    content UInt64,
    written_at DateTime64(6, 'UTC') default now64(6, 'UTC') codec(Delta(8), ZSTD(1)),
    index day day type minmax granularity 1,
    index output_day output_day type minmax granularity 1,
    index output output_id type bloom_filter(0.01) granularity 1
)
engine = ReplacingMergeTree(written_at)
order by evaluation_id
