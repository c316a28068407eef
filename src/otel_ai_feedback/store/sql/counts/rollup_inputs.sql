-- From what was a day of a rollup counted that itself rests on counts? What rests on the same need
-- not be counted again.
create table if not exists rollup_inputs
(
    rollup LowCardinality(String),
    day Date,
    -- of the counts that were looked at, and a hash of what they say
    version UInt64,
    counts UInt64,
    -- a hash of what else the day rests on: levels, incidents, settings
    context UInt64
)
engine = ReplacingMergeTree(version)
order by (rollup, day)
