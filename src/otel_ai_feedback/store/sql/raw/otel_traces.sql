-- Spans, in the columns and indexes with which the Collector's ClickHouse exporter (contrib v0.165)
-- creates the table, so that it can run with `create_schema: false`. A table that a Collector created
-- earlier is adopted as it is. Parts of up to 128 MiB are kept in one file instead of one for each of
-- 80 streams: an insert of some thousand spans with their texts is above the usual 10 MiB.
create table if not exists otel_traces
(
    Timestamp DateTime64(9) codec(Delta(8), ZSTD(1)),
    TraceId String codec(ZSTD(1)),
    SpanId String codec(ZSTD(1)),
    ParentSpanId String codec(ZSTD(1)),
    TraceState String codec(ZSTD(1)),
    SpanName LowCardinality(String) codec(ZSTD(1)),
    SpanKind LowCardinality(String) codec(ZSTD(1)),
    ServiceName LowCardinality(String) codec(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) codec(ZSTD(1)),
    ScopeName String codec(ZSTD(1)),
    ScopeVersion String codec(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) codec(ZSTD(1)),
    Duration UInt64 codec(T64, ZSTD(1)),
    StatusCode LowCardinality(String) codec(ZSTD(1)),
    StatusMessage String codec(ZSTD(1)),
    Events Nested
    (
        Timestamp DateTime64(9),
        Name LowCardinality(String),
        Attributes Map(LowCardinality(String), String)
    ) codec(ZSTD(1)),
    Links Nested
    (
        TraceId String,
        SpanId String,
        TraceState String,
        Attributes Map(LowCardinality(String), String)
    ) codec(ZSTD(1)),
    index idx_trace_id TraceId type bloom_filter(0.001) granularity 1,
    index idx_res_attr_key mapKeys(ResourceAttributes) type bloom_filter(0.01) granularity 1,
    index idx_res_attr_value mapValues(ResourceAttributes) type bloom_filter(0.01) granularity 1,
    index idx_span_attr_key mapKeys(SpanAttributes) type bloom_filter(0.01) granularity 1,
    index idx_span_attr_value mapValues(SpanAttributes) type bloom_filter(0.01) granularity 1,
    index idx_duration Duration type minmax granularity 1
)
engine = MergeTree
partition by toDate(Timestamp)
primary key (ServiceName, SpanName, toDateTime(Timestamp))
order by (ServiceName, SpanName, toDateTime(Timestamp), Timestamp)
settings index_granularity = 8192, ttl_only_drop_parts = 1, min_bytes_for_wide_part = 134217728
