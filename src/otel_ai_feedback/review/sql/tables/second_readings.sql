-- The sample of sampled outputs that are read twice, to see how far reviewers agree.
create table if not exists second_readings
(
    output_id String,
    chosen_at DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree
order by output_id
