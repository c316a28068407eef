-- Settings that views depend on (TIMEZONE, ENVIRONMENTS), so that every reader of the store uses the same ones.
create table if not exists settings
(
    name LowCardinality(String),
    value String,
    changed_at DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree(changed_at)
order by name
