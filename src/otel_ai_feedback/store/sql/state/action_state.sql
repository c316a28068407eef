-- User actions, each once however often it was delivered.
--
-- output_day is the day of the output, or 1970-01-01 while only its request is known: never a day
-- taken from the action, or an action repeated on the next day would count twice. When one id comes
-- with different contents (a rating that was changed), the latest action time wins.
create table if not exists action_state
(
    output_day Date,
    action_id String codec(ZSTD(1)),
    time DateTime64(9, 'UTC') codec(Delta(8), ZSTD(1)),
    action LowCardinality(String),
    value Nullable(Float64),
    label LowCardinality(String),
    kept_share Nullable(Float64),
    -- seconds into an edit; empty for the edit that was submitted, and for all other actions
    checkpoint Nullable(UInt32),
    scroll_depth Nullable(Float64),
    selected_share Nullable(Float64),
    method LowCardinality(String),
    source LowCardinality(String),
    browser LowCardinality(String),
    -- actions that its page could not deliver since it last reported that
    lost UInt32,
    -- a code; text that is none is left out
    reason LowCardinality(String),
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    subject String codec(ZSTD(1)),
    conversation_id String codec(ZSTD(1)),
    session_id String codec(ZSTD(1)),
    response_id String codec(ZSTD(1)),
    output_hash String codec(ZSTD(1)),
    link_method LowCardinality(String),
    ambiguous UInt8,
    -- whether the output's span was sampled; the action's own span always is
    sampled UInt8 default 1,
    probe UInt8,
    -- the span that the action is linked to: an LLM span, or the root span of its request
    linked_trace_id String codec(ZSTD(1)),
    linked_span_id String codec(ZSTD(1)),
    -- the action's own span
    trace_id String codec(ZSTD(1)),
    span_id String codec(ZSTD(1)),
    -- when it reached the store; tells jobs what is new
    arrived DateTime('UTC'),
    index arrived arrived type minmax granularity 1
)
engine = ReplacingMergeTree(time)
partition by toMonday(output_day)
order by (output_day, action_id)
