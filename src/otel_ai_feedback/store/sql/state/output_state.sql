-- Everything known of one output, in whatever order and however often it arrived.
--
-- The key is identity only, and every aggregate gives the same result when a row is repeated, so
-- that redelivery cannot change a count. Each writer fills only its own columns. The day is that of
-- the output's start and stands on the span, in the handle and on the action, so all of them land
-- in one partition and `final` never has to look across partitions.
create table if not exists output_state
(
    output_day Date,
    trace_id String codec(ZSTD(1)),
    span_id String codec(ZSTD(1)),

    -- from the LLM span
    tagged SimpleAggregateFunction(max, UInt8),
    started SimpleAggregateFunction(min, Nullable(DateTime64(9, 'UTC'))) codec(ZSTD(1)),
    ended SimpleAggregateFunction(max, Nullable(DateTime64(9, 'UTC'))) codec(ZSTD(1)),
    ingested SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))) codec(ZSTD(1)),
    parent_span_id SimpleAggregateFunction(max, String) codec(ZSTD(1)),
    agent SimpleAggregateFunction(max, LowCardinality(String)),
    model SimpleAggregateFunction(max, LowCardinality(String)),
    conversation_id SimpleAggregateFunction(max, String) codec(ZSTD(1)),
    response_id SimpleAggregateFunction(max, String) codec(ZSTD(1)),
    error SimpleAggregateFunction(max, UInt8),

    -- from the LLM span or its details event, with the same value on both
    service SimpleAggregateFunction(max, LowCardinality(String)),
    environment SimpleAggregateFunction(max, LowCardinality(String)),
    release SimpleAggregateFunction(max, LowCardinality(String)),
    feature SimpleAggregateFunction(max, LowCardinality(String)),
    subject SimpleAggregateFunction(max, String) codec(ZSTD(1)),
    output_hash SimpleAggregateFunction(max, String) codec(ZSTD(1)),
    output_length SimpleAggregateFunction(max, Nullable(UInt64)) codec(T64, ZSTD(1)),
    input_hash SimpleAggregateFunction(max, String) codec(ZSTD(1)),
    input_sketch SimpleAggregateFunction(max, String) codec(ZSTD(1)),
    request_span_id SimpleAggregateFunction(max, String) codec(ZSTD(1)),
    request_seq SimpleAggregateFunction(max, UInt32),
    text_rate SimpleAggregateFunction(max, Nullable(Float64)),
    prompt_version SimpleAggregateFunction(max, LowCardinality(String)),
    voice SimpleAggregateFunction(max, UInt8),
    -- what made it if it was no user: `probe`, `bot`, `test`, `health_check`, `evaluation`
    traffic SimpleAggregateFunction(max, LowCardinality(String)),
    -- who says for how many outputs this one stands under head sampling (3 the threshold in the trace
    -- state, 2 the resource, 1 capture), and for how many; empty when nobody does
    sampling SimpleAggregateFunction(max, Array(Float64)),
    -- bit 1: a handle of this output left the service; bit 2: one of its request did
    handles SimpleAggregateFunction(groupBitOr, UInt8),

    -- from actions: when each thing was first done, so that class is a function of action times. A
    -- name is that of a signal's evidence (`copied`), or the action's own
    done SimpleAggregateFunction(minMap, Map(String, DateTime64(3, 'UTC'))) codec(ZSTD(1)),
    -- how far the edit that counts had come (seconds, or all of it), when, and whether it was heavy
    last_edit SimpleAggregateFunction(max, Tuple(UInt32, DateTime64(3, 'UTC'), UInt8)),

    -- when a row of this output last reached the store; tells jobs whether a day has settled
    arrived SimpleAggregateFunction(max, DateTime('UTC')),
    index arrived arrived type minmax granularity 1
)
engine = AggregatingMergeTree
partition by toMonday(output_day)
order by (output_day, trace_id, span_id)
