-- What share of outputs is good, with its 95 % interval, per window since a given day, counted again?
--
-- Of windows that end on the day `since` or later, at the cost of their weeks. `shares_within` has the
-- estimator. Where there is no quality score, `reason` says why. Where the outputs of which reviewers
-- could not say can move quality by more than a quarter of its interval, there is also what quality is
-- if all of those are bad, and if all are good.
--
-- Votes for comparison: -1 and 1 are thumbs; where a feature has ratings above 1 they are stars,
-- 4 and 5 up, 1 and 2 down. `thumbs_gap` is how far that is from quality: unhappy users vote more.
with
    (
        select groupUniqArray((toString(service), toString(environment), toString(feature)))
        from frozen_days
        where
            arraySum(arraySlice(ratings, 3)) > 0
            and week < toMonday({{today}})
    ) as starred,
    has(starred, (service, environment, feature)) as stars
select
    window_end,
    window_days,
    service,
    environment,
    feature,
    model,
    release,
    weeks_read,
    outputs,
    labels,
    undecided,
    reason,
    {{quality_columns}},
    toUInt64(if(stars, votes[5] + votes[6], votes[2])) as thumbs_up,
    toUInt64(if(stars, votes[1] + votes[2] + votes[3], votes[1])) as thumbs_down,
    if(thumbs_up + thumbs_down > 0, thumbs_up / (thumbs_up + thumbs_down), null) as thumbs_rate,
    thumbs_rate - quality as thumbs_gap
from shares_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, of = 'quality'
) as shares
