-- What was done to tell a person of an incident: that it is about to be sent, and its result.
--
-- phase: `intent` before each try, then `sent` or `failed`; `unknown` where the process ended between
-- the two; `arrived` and `again` are what a person says of an unknown one; `given_up` after the last
-- try.
create table if not exists notification_events
(
    -- the same for the same step of an incident and the same one of a person's addresses
    notification_id String,
    attempt UInt16,
    phase LowCardinality(String),
    at DateTime64(3, 'UTC'),
    incident_id String,
    step LowCardinality(String),
    person LowCardinality(String),
    -- the kind of address: slack, mailto ...
    channel LowCardinality(String),
    -- when the step was due
    due_at DateTime64(3, 'UTC'),
    -- the process that tried, or the person who said the result for it
    author String,
    error String
)
engine = ReplacingMergeTree
order by (notification_id, attempt, phase)
