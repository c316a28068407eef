-- What did each group send on a day that says which outputs reached a user?
--
-- `evidence` is 2 on a day with an output that the script saw on a page, 1 on a day with a handle, else
-- 0. The latest version holds.
create table if not exists delivery_days
(
    day Date,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    evidence UInt8,
    last_arrived_at DateTime('UTC'),
    written_at DateTime64(6, 'UTC')
)
engine = ReplacingMergeTree(written_at)
order by (day, service, environment, feature)
