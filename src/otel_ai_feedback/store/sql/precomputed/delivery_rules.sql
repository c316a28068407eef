-- The delivery rule of a group on a closed day, as decided then. A rule is only ever strengthened
-- (0 last_in_request, 1 handle, 2 seen), so deciding twice, or in two processes, changes nothing.
create table if not exists delivery_rules
(
    day Date,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    rule SimpleAggregateFunction(max, UInt8)
)
engine = AggregatingMergeTree
order by (day, service, environment, feature)
