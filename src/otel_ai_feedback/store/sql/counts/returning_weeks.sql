-- How many people of one week came back in the next: the columns of `returning_within`, one
-- computation of a closed week being one version.
create table if not exists returning_weeks
(
    day Date,
    version UInt64,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    model LowCardinality(String),
    release LowCardinality(String),
    k UInt64,
    n UInt64
)
engine = MergeTree
partition by toYear(day)
order by (day, version, service, environment, feature, model, release)
