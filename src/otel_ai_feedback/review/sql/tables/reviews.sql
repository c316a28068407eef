-- What a reviewer said of an output, each time; a correction is a further row.
--
-- reading: `first` counts for quality, `second` for agreement (read blind), `gold` for checking
-- reviewers against what three people agreed on, `extra` is what someone picked by hand.
-- verdict: good, bad, unsure, unreadable, skipped, erased.
create table if not exists reviews
(
    review_id String,
    output_id String,
    reading LowCardinality(String),
    reviewer LowCardinality(String),
    verdict LowCardinality(String),
    modes Array(LowCardinality(String)),
    note String,
    seconds Nullable(Float64),
    screen_version LowCardinality(String),
    reviewed_at DateTime64(3, 'UTC')
)
engine = ReplacingMergeTree
order by (output_id, review_id)
