-- Which health checks there are, and their thresholds. `migrate` writes it from the list in the package and
-- the setting `HEALTH_THRESHOLDS`; the latest version holds.
create table if not exists health_checks
(
    alarm LowCardinality(String),
    -- empty when there is no such check any more
    stage LowCardinality(String),
    breach LowCardinality(String),
    threshold Float64,
    default_threshold Float64,
    changed_at DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree(changed_at)
order by alarm
