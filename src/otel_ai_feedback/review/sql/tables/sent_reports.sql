-- Which weekly report was sent to whom, so that no one gets one twice.
--
-- phase: `claimed` before it is sent, then `sent` or `failed`. A claim that neither followed is of a
-- process that ended in between: it may have been sent, and is not sent again.
create table if not exists sent_reports
(
    week Date,
    person LowCardinality(String),
    phase LowCardinality(String),
    run String,
    at DateTime64(3, 'UTC')
)
engine = MergeTree
order by (week, person, at)
