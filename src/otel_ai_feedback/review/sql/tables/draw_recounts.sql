-- How many outputs a frozen day has when it is counted again, so that late ones can be told.
create table if not exists draw_recounts
(
    day Date,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    stratum LowCardinality(String),
    outputs Float64,
    counted_at DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree(counted_at)
order by (day, service, environment, feature, stratum)
