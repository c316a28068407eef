-- Days that no reference may rest on, because an incident about drift was open on them.
--
-- The module that keeps incidents writes here; of one incident, group and series the row with the highest
-- version counts. An empty series means every series of the group; while an incident is open, to_day
-- lies far ahead.
create table if not exists drift_exclusions
(
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    series LowCardinality(String),
    from_day Date,
    to_day Date,
    incident_id String,
    version UInt64
)
engine = ReplacingMergeTree(version)
order by (service, environment, feature, series, incident_id)
