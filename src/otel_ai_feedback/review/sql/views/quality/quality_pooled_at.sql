-- What share of the outputs of all features together is good, per window of closed weeks?
-- Now: What share of the outputs of all features together is good, per window of closed weeks, as known now?
-- Kept: when changed, 30 minutes
--
-- The score to use with more features than planned review time covers. It is about the
-- weeks of each feature in which it was reviewed: `outputs` is their number.
select
    window_end,
    window_days,
    weeks_read,
    outputs,
    labels,
    undecided,
    reason,
    {{quality_columns}}
from shares_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', of = 'pooled'
) as shares
