-- Which outputs were behind an incident when it was opened; the list is frozen then.
create table if not exists incident_outputs
(
    incident_id String,
    output_id String,
    -- their order, the newest first
    place UInt32
)
engine = ReplacingMergeTree
order by (incident_id, output_id)
