-- Outputs that someone wants read, out of curiosity or because of an incident. They were not sampled by
-- chance, so that verdicts on them are in no score.
create table if not exists review_requests
(
    output_id String,
    requested_by LowCardinality(String),
    reason LowCardinality(String),
    requested_at DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree
order by (output_id, requested_by, requested_at)
