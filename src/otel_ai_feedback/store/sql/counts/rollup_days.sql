-- Which computation of each rollup holds for a day. A reader takes rows of that version alone, so a
-- day is replaced in one step, by whichever process computed it last; versions grow with time and
-- are never given twice.
create table if not exists rollup_days
(
    rollup LowCardinality(String),
    day Date,
    version UInt64,
    frozen UInt8,
    -- the moment to which the computation looked, and when it began
    as_of DateTime64(3, 'UTC'),
    began_at DateTime64(3, 'UTC'),
    -- until when the day may still change without anything arriving: outputs mature, days close
    due_at DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree(version)
order by (rollup, day)
