-- How much does each signal and each evaluation say about quality, on one scale?
-- Now: How much does each signal and each evaluation say about quality, on one scale, as known now?
-- Kept: when changed, 30 minutes
--
-- By what reviewers said in the last four closed weeks. `p_good_with` is the share of good answers among those with
-- the signal (a copy, a vote up, a result that is good), `p_good_without` among those without it or with the
-- opposite; `bits` is what one answer's signal tells about whether it is good (mutual information; at most
-- `most_bits`). User actions are by source: a copy in the page and one through the API are two signals. An action is
-- looked for among answers that the page showed, if it comes from a page; a vote among those that were
-- voted on. What fewer than 10 labels have, or lack, has no row.
with
    labelled as
    (
        select
            service,
            environment,
            feature,
            output_id,
            stands_for,
            label = 'good' as is_good
        from drawn_labels_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 35
        )
        where counts and label in ('good', 'bad') and week >= toMonday({{today}}) - 28
    ),
    done as
    (
        select
            output_id,
            groupUniqArray((
                toString(source),
                toString(action),
                toInt8(multiIf(action != 'rating', 1, value = 3, 0, value > 3 or value = 1, 1, -1))
            )) as acts
        from actions_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 45,
            until = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') + 1
        )
        where
            output_id in (select output_id from labelled)
            and not (action = 'copy' and ifNull(value, 1) < .5)
            and not (action = 'edit' and ifNull(value, 0) <= .33)
        group by output_id
    ),
    known as
    (
        select
            service,
            environment,
            feature,
            groupUniqArrayArray(arrayFilter(
                act -> act.2 not in ('seen', 'close', 'dwell'), arrayMap(act -> (act.1, act.2), acts)
            )) as kinds
        from labelled
        inner join done using (output_id)
        group by service, environment, feature
    ),
    signs as
    (
        select
            labelled.service as service,
            labelled.environment as environment,
            labelled.feature as feature,
            output_id,
            stands_for,
            is_good,
            each.1 as carrier,
            'behavior' as kind,
            each.2 as name,
            '' as evaluator,
            if(
                each.2 = 'rating',
                has(done.acts, (each.1, each.2, 1)),
                arrayExists(act -> act.1 = each.1 and act.2 = each.2, done.acts)
            ) as present
        from labelled
        left join done using (output_id)
        inner join known on known.service = labelled.service
            and known.environment = labelled.environment and known.feature = labelled.feature
        array join known.kinds as each
        where
            if(
                each.2 = 'rating',
                has(done.acts, (each.1, each.2, 1)) or has(done.acts, (each.1, each.2, -1)),
                each.1 != 'browser' or arrayExists(act -> act.1 = 'browser', done.acts)
            )
        union all
        select
            service,
            environment,
            feature,
            output_id,
            stands_for,
            is_good,
            carrier,
            kind,
            name,
            evaluator,
            passed = 1 as present
        from labelled_evaluations_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 35
        )
        where passed is not null and week >= toMonday({{today}}) - 28
    )
select
    service,
    environment,
    feature,
    carrier,
    kind,
    name,
    evaluator,
    count() as labels,
    countIf(present) as labels_with,
    labels - labels_with as labels_without,
    sumIf(stands_for, present) / sum(stands_for) as share_with,
    sumIf(stands_for, present and is_good) / sumIf(stands_for, present) as p_good_with,
    pow(sumIf(stands_for, present), 2) / sumIf(stands_for * stands_for, present) as n_with,
    {{wilson_low(p_good_with, n_with)}} as with_low,
    {{wilson_high(p_good_with, n_with)}} as with_high,
    sumIf(stands_for, not present and is_good) / sumIf(stands_for, not present) as p_good_without,
    pow(sumIf(stands_for, not present), 2) / sumIf(stands_for * stands_for, not present) as n_without,
    {{wilson_low(p_good_without, n_without)}} as without_low,
    {{wilson_high(p_good_without, n_without)}} as without_high,
    share_with * p_good_with + (1 - share_with) * p_good_without as p_good,
    {{bits(p_good)}} as most_bits,
    greatest(
        0., most_bits - share_with * {{bits(p_good_with)}} - (1 - share_with) * {{bits(p_good_without)}}
    ) as bits
from signs
group by service, environment, feature, carrier, kind, name, evaluator
having labels_with >= 10 and labels_without >= 10
