-- How much did people use a group in a week, and who of the week before did not come back?
--
-- One row per closed week and the class of the last output that a user had: of the week itself the
-- subjects and their outputs, of the week before the subjects and how many of them left. The versions
-- are those of `returned_7d` in `signal_counts`.
create table if not exists visits
(
    -- the Monday of the week
    day Date,
    version UInt64,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    last_class LowCardinality(String),
    subjects UInt64,
    outputs UInt64,
    outputs_squared Float64,
    subjects_before UInt64,
    left_since UInt64
)
engine = MergeTree
partition by toYear(day)
order by (day, version, service, environment, feature, last_class)
