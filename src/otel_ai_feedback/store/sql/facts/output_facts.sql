-- One row for each output: each LLM span that has arrived and does not repeat the text of another.
--
-- Facts do not depend on when they are asked: what was done is kept with its times, of which readers
-- take those that count. A row is written again when something about its trace has arrived, and the
-- latest version holds; `present` is 0 where the span has turned out to be no output, or where `excluded`
-- says why it is counted apart.
create table if not exists output_facts
(
    output_day Date,
    trace_id String codec(ZSTD(1)),
    span_id String codec(ZSTD(1)),
    -- in the store's time zone, and as it was in the version before
    day Date,
    previous_day Date,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    model LowCardinality(String),
    release LowCardinality(String),
    prompt_version LowCardinality(String),
    started DateTime64(9, 'UTC') codec(Delta(8), ZSTD(1)),
    ended DateTime64(9, 'UTC') codec(Delta(8), ZSTD(1)),
    -- when the first model call of its request began
    asked_at DateTime64(9, 'UTC') codec(Delta(8), ZSTD(1)),
    matured_at DateTime64(3, 'UTC') codec(Delta(8), ZSTD(1)),
    conversation_id String codec(ZSTD(1)),
    response_id String codec(ZSTD(1)),
    subject String codec(ZSTD(1)),
    -- which of 64 groups of people it belongs to: by its subject, else its conversation, else itself
    bucket UInt8,
    request_span_id String codec(ZSTD(1)),
    -- the root spans of the requests that it answered, and the spans that repeat its text
    requests Array(String) codec(ZSTD(1)),
    repeats Array(String) codec(ZSTD(1)),
    output_hash String codec(ZSTD(1)),
    output_length Nullable(UInt64) codec(T64, ZSTD(1)),
    input_hash String codec(ZSTD(1)),
    input_sketch String codec(ZSTD(1)),
    text_rate Nullable(Float64),
    voice Bool,
    failed Bool,
    -- for how many outputs it stands under head sampling, and who says so
    weight Float64,
    weight_source LowCardinality(String),
    -- a handle of it or of its request left the service; its request has no other text, or failed
    named Bool,
    last_with_text Bool,
    last_failed Bool,
    -- what its spans say of how its group delivers: a handle was sent, the script saw one
    handle_sent Bool,
    sight_at Nullable(DateTime64(3, 'UTC')),
    -- the delivery rule of its group on its day: 0 last in the request, 1 by handle, 2 as seen
    rule UInt8,
    -- when each thing was first done with it, and what follows from the turn after it
    done Map(String, DateTime64(3, 'UTC')) codec(ZSTD(1)),
    derived Map(String, DateTime64(3, 'UTC')) codec(ZSTD(1)),
    arrived DateTime('UTC') codec(Delta(4), ZSTD(1)),
    -- what made it if it was no user, the entry of EXCLUDE that it meets, or that its time cannot be; its
    -- day is then that on which it arrived
    excluded LowCardinality(String),
    present Bool,
    -- a hash of what its trace says of it, and when the row was written
    content UInt64,
    written_at DateTime64(6, 'UTC') default now64(6, 'UTC') codec(Delta(8), ZSTD(1)),
    index written written_at type minmax granularity 1,
    index matured matured_at type minmax granularity 1,
    index trace trace_id type bloom_filter(0.01) granularity 1,
    index conversation conversation_id type bloom_filter(0.01) granularity 1
)
engine = ReplacingMergeTree(written_at)
partition by toMonday(output_day)
order by (output_day, trace_id, span_id)
