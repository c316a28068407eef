-- Which groups are sampled in a week, decided before it began.
--
-- One insert a week; where two processes have decided, the first counts (the view `draw_rotation`
-- compares decided_at, then run).
create table if not exists draw_rotations
(
    week Date,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    is_drawn Bool,
    -- labels of the four weeks before, by which the turn goes round
    labels UInt64,
    run String,
    decided_at DateTime64(3, 'UTC')
)
engine = MergeTree
order by (week, service, environment, feature)
