-- What happened to an incident, each time; nothing is ever changed or taken back.
--
-- kind: `opened`, `reopened`, `repeated` (the same alert again), `alert_resolved`, `assigned`,
-- `acknowledged`, `started`, `resolved`, `accepted`, `noted`, `confirmed`, `not_confirmed`.
-- Times of one incident are all different, so that its events have an order.
create table if not exists incident_events
(
    incident_id String,
    -- the same for the same thing, so that what is delivered twice is there once
    event_id String,
    at DateTime64(3, 'UTC'),
    kind LowCardinality(String),
    -- a person, or `grafana`, `check` or `triage`
    author LowCardinality(String),
    -- what it is about; of `opened`, as all up to `segment`
    source LowCardinality(String),
    rule LowCardinality(String),
    severity LowCardinality(String),
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    series LowCardinality(String),
    direction LowCardinality(String),
    segment_kind LowCardinality(String),
    segment String,
    -- its owner from now on, where that changes
    rota LowCardinality(String),
    owner LowCardinality(String),
    -- of `opened` and `reopened`
    acknowledge_due Nullable(DateTime64(3, 'UTC')),
    resolve_due Nullable(DateTime64(3, 'UTC')),
    -- of `resolved`: why it had happened, which series or mode must move, when that is looked at
    cause LowCardinality(String),
    moves String,
    check_day Nullable(Date),
    -- in people's own words: what was seen, the fix, the reason
    note String,
    -- JSON: of `opened` and `repeated` the numbers and what changed shortly before, of `confirmed`
    -- and `not_confirmed` the comparison
    details String
)
engine = ReplacingMergeTree
order by (incident_id, event_id)
