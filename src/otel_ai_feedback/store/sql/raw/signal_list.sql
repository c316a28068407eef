-- Which signals there are: what shows each, and which outputs could have shown it. `migrate` writes it from
-- the one list in the package and the team's own; the latest version holds.
create table if not exists signal_list
(
    name LowCardinality(String),
    -- the user action that shows it, and what shows that it could be done at all
    evidence LowCardinality(String),
    offered LowCardinality(String),
    exposure LowCardinality(String),
    good LowCardinality(String),
    meaning String,
    own Bool,
    -- where it stands in lists; 0 when there is no such signal any more
    position UInt16,
    changed_at DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree(changed_at)
order by name
