-- That a part of the loop was at work, and how much it took and refused since it last said so.
--
-- part: `receiver` (requests), `jobs`, `draw`, `rules` and `watchdog` (turns). Rows are only ever
-- added, at most one a minute, part and process; a part that stops writing is what `loop_health` is
-- about.
create table if not exists heartbeats
(
    part LowCardinality(String),
    time DateTime64(3, 'UTC'),
    accepted UInt64,
    refused UInt64,
    -- of the refused ones, how many by HTTP status or by class of error
    refusals Map(LowCardinality(String), UInt64)
)
engine = MergeTree
partition by toYYYYMM(time)
order by (part, time)
ttl toDateTime(time) + interval 3 month
