-- To which moment have facts been brought up to date, by which kind of pass?
--
-- `state` says which parts the states had then: where it is the same, nothing has arrived since. Every
-- pass settles what was written since the one before, so one that was cut short is made up for.
create table if not exists facts_passes
(
    kind LowCardinality(String),
    began_at DateTime64(6, 'UTC'),
    finished_at DateTime64(6, 'UTC'),
    state UInt64
)
engine = ReplacingMergeTree(began_at)
order by kind
