-- What reviewers found wrong with the sampled outputs of each week: the rows of `mode_counts_live_within`,
-- kept once the week is old enough for a label to change by a correction alone.
-- A computation is its own partition, so that one that was replaced goes without rewriting others.
create table if not exists mode_counts_weekly
(
    -- which computation of the week this is; `rollup_days` says which one is current
    version UInt64,
    week Date,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    -- as the reviewers called them; empty when the outputs were good
    modes Array(LowCardinality(String)),
    labels UInt64,
    first_seen Date,
    last_seen Date
)
engine = MergeTree
partition by version
order by (week, service, environment, feature)
