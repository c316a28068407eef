-- Outputs that somebody wants read, out of curiosity or because of an incident. They were not drawn by
-- chance, so that what is said of them never enters a number.
create table if not exists review_requests
(
    output_id String,
    requested_by LowCardinality(String),
    reason LowCardinality(String),
    requested_at DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree
order by (output_id, requested_by, requested_at)
