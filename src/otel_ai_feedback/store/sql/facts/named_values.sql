-- Which features, models, releases and prompt versions have a name of their own in a week; what comes after
-- the first so many is counted together.
create table if not exists named_values
(
    week Date,
    kind LowCardinality(String),
    service LowCardinality(String),
    environment LowCardinality(String),
    -- of which feature it is; empty for a feature
    feature LowCardinality(String),
    value String codec(ZSTD(1))
)
engine = ReplacingMergeTree
order by (week, kind, service, environment, feature, value)
