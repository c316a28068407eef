-- What a span says of an answer beside its text: tokens, cost, why it ended, tools and sources.
--
-- Of model calls, tool calls and retrievals; a span that is delivered twice gives the same row twice,
-- and readers group by span. Sources are kept as one of 16 numbers, from which nothing can be read.
create table if not exists span_traits
(
    day Date,
    trace_id String codec(ZSTD(1)),
    span_id String codec(ZSTD(1)),
    input_tokens Nullable(UInt32) codec(T64, ZSTD(1)),
    output_tokens Nullable(UInt32) codec(T64, ZSTD(1)),
    -- in the currency of the writer
    cost Nullable(Float64) codec(ZSTD(1)),
    finish_reason LowCardinality(String),
    -- whether a tool was called or asked for
    tool UInt8,
    -- 1 to 16 by a hash of where a retrieval found something, 0 when it is no retrieval
    source UInt8
)
engine = ReplacingMergeTree
partition by toMonday(day)
order by (day, trace_id, span_id)
