-- Who has an output on the screen now, so that no two reviewers read the same one by accident.
--
-- Nothing is updated: to give a lease back is a further row with the same lease_id and an earlier
-- `until`. reading is that of the label which will come of it.
create table if not exists review_leases
(
    lease_id String,
    output_id String,
    reading LowCardinality(String),
    reviewer LowCardinality(String),
    leased_at DateTime64(3, 'UTC'),
    until DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree
partition by toYYYYMM(leased_at)
order by (output_id, lease_id, until)
