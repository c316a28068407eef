-- From which day on a series is judged by itself again: a person accepted its new baseline.
--
-- Appended only; the latest day that a row names for a series counts. An empty series means every
-- series of the group.
create table if not exists accepted_baselines
(
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    series LowCardinality(String),
    from_day Date,
    reason String,
    author String,
    accepted_at DateTime64(3, 'UTC')
)
engine = MergeTree
order by (service, environment, feature, series, from_day, accepted_at)
