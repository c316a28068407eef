-- How often are answers good at each level of a judge's score, according to reviewers in four closed weeks?
-- Now: How often are answers good at each level of a judge's score, according to reviewers in the last four closed weeks?
-- Kept: when changed, 30 minutes
--
-- Up to five levels with about as many labels each; a result without a score counts as 1 where it is good and 0
-- where it is bad. Weights and intervals as in `judge_audit`.
with
    scored as
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
            is_good,
            stands_for,
            assumeNotNull(coalesce(toFloat64(score), toFloat64(passed))) as value,
            quantilesExact(.2, .4, .6, .8)(value)
                over (partition by service, environment, feature, carrier, kind, name, evaluator) as cuts,
            arrayCount(cut -> value > cut, cuts) as level
        from labelled_evaluations_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 35
        )
        where (score is not null or passed is not null) and week >= toMonday({{today}}) - 28
    ),
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
            level,
            bucket,
            count() as labels,
            countIf(is_good) as good,
            min(value) as lowest,
            max(value) as highest,
            sum(stands_for) as w,
            sumIf(stands_for, is_good) as w_good,
            sum(stands_for * stands_for) as ww
        from scored
        group by service, environment, feature, carrier, kind, name, evaluator, level, bucket
    )
select
    service,
    environment,
    feature,
    carrier,
    kind,
    name,
    evaluator,
    level + 1 as level,
    min(lowest) as score_from,
    max(highest) as score_to,
    sum(by_bucket.labels) as labels,
    sum(by_bucket.good) as good,
    sum(w_good) / sum(w) as p_good,
    {{n_effective(groupArray(w_good), groupArray(w), pow(sum(w), 2) / sum(ww))}} as n_effective,
    {{wilson_low(p_good, n_effective)}} as low,
    {{wilson_high(p_good, n_effective)}} as high
from by_bucket
group by service, environment, feature, carrier, kind, name, evaluator, by_bucket.level
