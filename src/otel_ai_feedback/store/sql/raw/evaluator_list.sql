-- What the names of other tools' results mean: who says so, which way is good, from which score on.
-- `migrate` writes it from the list in the package and the team's own; the latest version holds.
create table if not exists evaluator_list
(
    name LowCardinality(String),
    -- user, reviewer, judge or behavior
    kind LowCardinality(String),
    good LowCardinality(String),
    threshold Float64,
    -- 0 when there is no such name any more
    listed Bool,
    changed_at DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree(changed_at)
order by name
