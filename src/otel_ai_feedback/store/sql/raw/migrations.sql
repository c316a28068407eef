-- Which changes of tables have been made here, and with which text.
create table if not exists migrations
(
    name String,
    checksum String,
    applied_at DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree(applied_at)
order by name
