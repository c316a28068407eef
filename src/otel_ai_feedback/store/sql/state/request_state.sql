-- Everything known of one request whose output was not known to the sender: that a handle for the
-- request left the service, and what was first done with "the answer". Which output that is, is
-- decided when it is asked, because a later LLM call of the same request may still arrive.
create table if not exists request_state
(
    day Date,
    trace_id String codec(ZSTD(1)),
    request_span_id String codec(ZSTD(1)),
    handled SimpleAggregateFunction(max, UInt8),
    seen_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    copied_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    copied_part_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    edited_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    last_edit SimpleAggregateFunction(max, Tuple(UInt32, DateTime64(3, 'UTC'), UInt8)),
    accepted_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    inserted_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    shared_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    rejected_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    reasked_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    regenerated_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    closed_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    rated_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    escalated_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    arrived SimpleAggregateFunction(max, DateTime('UTC')),
    index arrived arrived type minmax granularity 1
)
engine = AggregatingMergeTree
partition by toMonday(day)
order by (day, trace_id, request_span_id)
