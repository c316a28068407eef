-- The same of days older than a week. A day is written when it gets that old, and again only when
-- something of it arrives later still; raw spans and states may have expired by then.
create table if not exists signals_frozen
(
    day Date,
    -- which computation of the day this is; `rollup_days` says which one is current
    version UInt64,
    hour DateTime('UTC') codec(Delta(4), ZSTD(1)),
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    model LowCardinality(String),
    release LowCardinality(String),
    max_weight Float64,
    outputs Array(Float64) codec(ZSTD(1)),
    failures Array(Float64) codec(ZSTD(1)),
    answers Array(Float64) codec(ZSTD(1)),
    seen_answers Array(Float64) codec(ZSTD(1)),
    turns Array(Float64) codec(ZSTD(1)),
    hashed_turns Array(Float64) codec(ZSTD(1)),
    copies Array(Float64) codec(ZSTD(1)),
    seen_copies Array(Float64) codec(ZSTD(1)),
    closes Array(Float64) codec(ZSTD(1)),
    seen_closes Array(Float64) codec(ZSTD(1)),
    edits Array(Float64) codec(ZSTD(1)),
    heavy_edits Array(Float64) codec(ZSTD(1)),
    seen_heavy_edits Array(Float64) codec(ZSTD(1)),
    accepts Array(Float64) codec(ZSTD(1)),
    seen_accepts Array(Float64) codec(ZSTD(1)),
    rejects Array(Float64) codec(ZSTD(1)),
    seen_rejects Array(Float64) codec(ZSTD(1)),
    ratings Array(Float64) codec(ZSTD(1)),
    seen_ratings Array(Float64) codec(ZSTD(1)),
    reasks Array(Float64) codec(ZSTD(1)),
    hashed_reasks Array(Float64) codec(ZSTD(1)),
    reported_reasks Array(Float64) codec(ZSTD(1)),
    regenerations Array(Float64) codec(ZSTD(1)),
    hashed_regenerations Array(Float64) codec(ZSTD(1)),
    reported_regenerations Array(Float64) codec(ZSTD(1)),
    class_failed UInt64 codec(T64, ZSTD(1)),
    class_rejected UInt64 codec(T64, ZSTD(1)),
    class_regenerated UInt64 codec(T64, ZSTD(1)),
    class_reask UInt64 codec(T64, ZSTD(1)),
    class_used_reask UInt64 codec(T64, ZSTD(1)),
    class_closed_fast UInt64 codec(T64, ZSTD(1)),
    class_used_edited UInt64 codec(T64, ZSTD(1)),
    class_used UInt64 codec(T64, ZSTD(1)),
    class_used_part UInt64 codec(T64, ZSTD(1)),
    class_none UInt64 codec(T64, ZSTD(1)),
    prompt_version LowCardinality(String)
)
engine = MergeTree
partition by toYYYYMM(day)
order by (day, version, service, environment, feature, model, release, hour)
