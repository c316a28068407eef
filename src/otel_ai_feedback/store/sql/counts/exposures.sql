-- What could be seen of the answers of a day, and which user actions were there, by feature: from a week of it
-- follows which signals answers could have shown. A recent day's computation is a partition of its own.
create table if not exists exposures
(
    day Date,
    -- which computation of the day this is; `rollup_days` says which one is current
    version UInt64,
    -- whether the day was older than a week
    frozen UInt8,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    -- the script saw one; one was in a conversation and its question was hashed; traces were left out
    seen Bool,
    hashed Bool,
    thinned Bool,
    -- names of the user actions on any answer, with one in a conversation, and what was reported of those
    done Array(LowCardinality(String)),
    done_in_turns Array(LowCardinality(String)),
    reported_in_turns Array(LowCardinality(String))
)
engine = MergeTree
partition by if(frozen, toUInt64(toYYYYMM(day)), version)
order by (day, version, service, environment, feature)
