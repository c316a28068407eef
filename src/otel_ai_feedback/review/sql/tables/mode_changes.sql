-- Changes of the names of failure modes: the list of modes is what follows from it.
--
-- Appended only. change: `define` says what a mode is, `rename` and `merge` that it is from now on (and
-- always was) called `into`, `close` that it is fixed, `reopen` that it is not. An empty service
-- closes or reopens it in every one.
create table if not exists mode_changes
(
    change_id String,
    mode String,
    change LowCardinality(String),
    into String,
    definition String,
    examples Array(String),
    service LowCardinality(String),
    reason String,
    author String,
    changed_at DateTime64(3, 'UTC')
)
engine = MergeTree
order by (changed_at, change_id)
