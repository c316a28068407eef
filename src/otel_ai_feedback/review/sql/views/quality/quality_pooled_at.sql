-- What share of the outputs of all features together is good, per window of closed weeks?
-- Now: What share of the outputs of all features together is good, per window of closed weeks, as known now?
-- Kept: when changed, 30 minutes
--
-- The score to use with more features than planned review time covers. It is about the
-- weeks of each feature in which it was reviewed: `outputs` is how many outputs that are.
select
    window_end,
    window_days,
    weeks_read,
    outputs,
    labels,
    undecided,
    reason,
    if(reason = '', share, null) as quality,
    if(reason = '', shares.low, null) as low,
    if(reason = '', shares.high, null) as high,
    if(reason = '', smoothed_share, null) as smoothed_quality,
    if(reason = '', shares.standard_error, null) as standard_error,
    if(reason = '', shares.process_standard_error, null) as process_standard_error,
    if(reason = '', shares.effective_labels, null) as effective_labels,
    if(labels + undecided > 0, undecided / (labels + undecided), null) as undecided_share,
    if(
        reason = '' and most_share - least_share > (shares.high - shares.low) / 4, least_share, null
    ) as quality_if_undecided_bad,
    if(
        reason = '' and most_share - least_share > (shares.high - shares.low) / 4, most_share, null
    ) as quality_if_undecided_good
from shares_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', of = 'pooled'
) as shares
