-- Everything known of one request whose output was not known to the sender: that a handle for the
-- request left the service, and what was first done with "the answer". Which output that is, is
-- decided when it is asked, because a later LLM call of the same request may still arrive.
create table if not exists request_state
(
    day Date,
    trace_id String codec(ZSTD(1)),
    request_span_id String codec(ZSTD(1)),
    handled SimpleAggregateFunction(max, UInt8),
    done SimpleAggregateFunction(minMap, Map(String, DateTime64(3, 'UTC'))) codec(ZSTD(1)),
    last_edit SimpleAggregateFunction(max, Tuple(UInt32, DateTime64(3, 'UTC'), UInt8)),
    arrived SimpleAggregateFunction(max, DateTime('UTC')),
    index arrived arrived type minmax granularity 1
)
engine = AggregatingMergeTree
partition by toMonday(day)
order by (day, trace_id, request_span_id)
