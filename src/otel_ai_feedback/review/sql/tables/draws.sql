-- A closed day of a group as it was frozen: how many outputs, and which of them were sampled.
--
-- One run writes a group's day in one insert, so that counts and draw are of one moment. Where two
-- processes have frozen the same day, the run that came first counts (the views compare frozen_at,
-- then run). What is sampled is in the row as (output_id, u): an output is read the earlier the
-- smaller its u, and every prefix of a closed week in that order is a valid sample.
create table if not exists draws
(
    day Date,
    service LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    model LowCardinality(String),
    release LowCardinality(String),
    stratum LowCardinality(String),
    -- for how many outputs each stands under head sampling, and whether that is known
    weight Float64,
    weight_known Bool,
    -- outputs of the day in this stratum, each counted as the number it stands for
    outputs Float64,
    -- how many of them were rated -1, 1, 2, 3, 4 and 5 within the time in which actions count
    ratings Array(UInt64),
    -- how much more often than the least-read stratum this one is sampled, 1 to 3
    rate Float64,
    -- an output is sampled when its key is below rate * threshold
    threshold Float64,
    drawn Array(Tuple(output_id String, u Float64)),
    run String,
    frozen_at DateTime64(3, 'UTC')
)
engine = MergeTree
partition by toStartOfYear(day)
order by (day, service, environment, feature, model, release, stratum, weight)
