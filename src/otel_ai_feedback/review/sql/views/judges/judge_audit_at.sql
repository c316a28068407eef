-- How often is each judge right, according to reviewers, in the last four closed weeks and the four before?
-- Now: How often is each judge right, according to reviewers, in the last four closed weeks?
-- Kept: when changed, 30 minutes
--
-- A judge is a name of results from one source, with its evaluator; so are users' votes in other tools. Each
-- label counts for the outputs that it stands for. Of answers that reviewers call good, `true_positive_rate` is
-- the share that the judge passes; of bad ones, `true_negative_rate` the share that it does not. Intervals are by
-- buckets of users as in `signal_rates`. `reason` says what is missing: 25 good and 25 bad answers that both
-- have judged. `z_positive` and `z_negative` compare with the four weeks before, in standard errors;
-- `drifted` is the larger of both, 0 where one window has too few.
with
    toMonday({{today}}) as until,
    by_bucket as
    (
        select
            service,
            environment,
            feature,
            carrier,
            kind,
            name,
            evaluator,
            bucket,
            week >= until - 28 as is_now,
            count() as labels,
            countIf(is_good) as good,
            sum(stands_for) as w,
            sumIf(stands_for, passed = is_good) as agreed,
            sum(stands_for * stands_for) as ww,
            sumIf(stands_for, is_good) as w_good,
            sumIf(stands_for, is_good and passed = 1) as passed_good,
            sumIf(stands_for * stands_for, is_good) as ww_good,
            sumIf(stands_for, not is_good) as w_bad,
            sumIf(stands_for, not is_good and passed = 0) as failed_bad,
            sumIf(stands_for * stands_for, not is_good) as ww_bad
        from labelled_evaluations_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 63
        )
        where passed is not null and kind in ('judge', 'user', 'reviewer') and week >= until - 56
        group by service, environment, feature, carrier, kind, name, evaluator, bucket, is_now
    ),
    measured as
    (
        select
            service,
            environment,
            feature,
            carrier,
            kind,
            name,
            evaluator,
            is_now,
            sum(by_bucket.labels) as all_labels,
            sum(by_bucket.good) as all_good,
            all_labels - all_good as all_bad,
            sum(agreed) / sum(w) as agreement,
            {{n_effective(groupArray(agreed), groupArray(w), pow(sum(by_bucket.w), 2) / sum(by_bucket.ww))}} as n_agreement,
            if(all_good > 0, sum(passed_good) / sum(w_good), null) as tpr,
            if(all_good > 0, {{n_effective(groupArray(passed_good), groupArray(w_good), pow(sum(w_good), 2) / sum(ww_good))}}, 0.) as n_tpr,
            if(all_bad > 0, sum(failed_bad) / sum(w_bad), null) as tnr,
            if(all_bad > 0, {{n_effective(groupArray(failed_bad), groupArray(w_bad), pow(sum(w_bad), 2) / sum(ww_bad))}}, 0.) as n_tnr
        from by_bucket
        group by service, environment, feature, carrier, kind, name, evaluator, is_now
    ),
    compared as
    (
        select
            service,
            environment,
            feature,
            carrier,
            kind,
            name,
            evaluator,
            sumIf(measured.all_labels, is_now) as labels,
            sumIf(measured.all_good, is_now) as good,
            sumIf(measured.all_bad, is_now) as bad,
            good >= 25 and bad >= 25 as enough,
            enough and sumIf(measured.all_good, not is_now) >= 25 and sumIf(measured.all_bad, not is_now) >= 25 as comparable,
            anyIf(measured.agreement, is_now) as agreement,
            anyIf(measured.n_agreement, is_now) as n_agreement,
            anyIf(measured.tpr, is_now) as tpr,
            anyIf(measured.n_tpr, is_now) as n_tpr,
            anyIf(measured.tnr, is_now) as tnr,
            anyIf(measured.n_tnr, is_now) as n_tnr,
            anyIf(measured.tpr, not is_now) as tpr_before,
            anyIf(measured.n_tpr, not is_now) as n_tpr_before,
            anyIf(measured.tnr, not is_now) as tnr_before,
            anyIf(measured.n_tnr, not is_now) as n_tnr_before
        from measured
        group by service, environment, feature, carrier, kind, name, evaluator
        having labels > 0
    )
select
    service,
    environment,
    feature,
    carrier,
    kind,
    name,
    evaluator,
    labels,
    good,
    bad,
    if(enough, '', concat(
        'not enough labels yet: needs ',
        arrayStringConcat(arrayFilter(part -> part != '', [
            if(good < 25, concat(toString(25 - good), ' more good'), ''),
            if(bad < 25, concat(toString(25 - bad), ' more bad'), '')
        ]), ' and '),
        ' answers that it has judged'
    )) as reason,
    if(enough, agreement, null) as agreement,
    if(enough, {{wilson_low(agreement, n_agreement)}}, null) as agreement_low,
    if(enough, {{wilson_high(agreement, n_agreement)}}, null) as agreement_high,
    if(enough, tpr, null) as true_positive_rate,
    if(enough, {{wilson_low(tpr, n_tpr)}}, null) as true_positive_low,
    if(enough, {{wilson_high(tpr, n_tpr)}}, null) as true_positive_high,
    if(enough, tnr, null) as true_negative_rate,
    if(enough, {{wilson_low(tnr, n_tnr)}}, null) as true_negative_low,
    if(enough, {{wilson_high(tnr, n_tnr)}}, null) as true_negative_high,
    if(comparable, tpr_before, null) as true_positive_before,
    if(comparable, tnr_before, null) as true_negative_before,
    if(comparable, {{standard_errors(tpr, n_tpr, tpr_before, n_tpr_before)}}, null) as z_positive,
    if(comparable, {{standard_errors(tnr, n_tnr, tnr_before, n_tnr_before)}}, null) as z_negative,
    if(comparable, greatest(abs(z_positive), abs(z_negative)), 0.) as drifted
from compared
