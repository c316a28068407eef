-- A quality score from `shares_within`, if there is one, and how far undecided reviews could move it.
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
