-- What other tools say of outputs, each result once however often it was delivered.
--
-- A judge's score, a vote, an edit that survived: read from telemetry by `evaluation_state_from_spans`
-- and `evaluation_state_from_logs`, and from other tools' interfaces by imports. The identity is what
-- is judged, by whom and on what, so that a result that was changed replaces the one before: the
-- later event wins, and of two at one time always the same one. What cannot be a result is kept
-- without its content: `refused` says why, so that it can be counted.
create table if not exists evaluation_state
(
    evaluation_id String codec(ZSTD(1)),
    time DateTime64(9, 'UTC') codec(Delta(8), ZSTD(1)),
    -- what it came with, such as openinference or langfuse
    carrier LowCardinality(String),
    -- what it is about: span, trace, session
    scope LowCardinality(String),
    -- by whom, if the sender says so: user, reviewer, judge or behavior
    kind LowCardinality(String),
    name LowCardinality(String),
    evaluator LowCardinality(String),
    score Nullable(Float64),
    label LowCardinality(String),
    -- name, score, label, empty or automatic: why it is no result
    refused LowCardinality(String),
    service LowCardinality(String),
    environment LowCardinality(String),
    linked_trace_id String codec(ZSTD(1)),
    linked_span_id String codec(ZSTD(1)),
    response_id String codec(ZSTD(1)),
    probe UInt8,
    -- by the time of the event in milliseconds, then by its content
    version UInt64,
    -- when it reached the store; tells jobs what is new
    arrived DateTime('UTC'),
    index arrived arrived type minmax granularity 1,
    index trace linked_trace_id type bloom_filter(0.01) granularity 1,
    index response response_id type bloom_filter(0.01) granularity 1
)
engine = ReplacingMergeTree(version)
order by evaluation_id
