-- Up to which time has an import read another tool's results? The latest one holds.
create table if not exists import_cursors
(
    source String,
    cursor DateTime64(3, 'UTC'),
    changed_at DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree(changed_at)
order by source
