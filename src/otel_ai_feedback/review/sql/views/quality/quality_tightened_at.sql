-- What share of outputs is good in the last four closed weeks, with judges' scores as help?
-- Now: What share of outputs is good in the last four closed weeks, with judges' scores as help, as known now?
-- Kept: when changed, 30 minutes
--
-- Prediction-powered inference with power tuning (PPI++, Angelopoulos, Duchi and Zrnic, arXiv 2311.01453), within
-- classes, by service, feature and judge. y is what reviewers say of a read output, f the judge's score, a the share of
-- all outputs that it stands for. quality = sum a y - lambda (sum a f - mean of f over all outputs), with the lambda
-- that makes the variance least: 0 for a judge that says nothing, negative for one that is the wrong way round. An
-- output without a score counts as the mean. `plain_low` and `plain_high` are the interval without the judge
-- (lambda 0) from the same labels. Weeks that no one read are left out, of outputs and of scores.
with
    toMonday({{today}}) as until,
    cells as
    (
        select
            week,
            service,
            environment,
            feature,
            toString(stratum) as class,
            sum(frozen.outputs) as cell_outputs,
            max(not weight_known) as unweighted
        from frozen_days as frozen
        where week >= until - 28 and week < until
        group by week, service, environment, feature, class
    ),
    labels as
    (
        select
            week,
            service,
            environment,
            feature,
            toString(stratum) as class,
            output_id,
            label = 'good' as y,
            count() over (partition by week, service, environment, feature, class) as cell_labels
        from drawn_labels_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 35
        )
        where counts and label in ('good', 'bad') and week >= until - 28 and week < until
    ),
    -- outputs of weeks in which anything of the group was read
    read_cells as
    (
        select
            cells.*,
            ifNull(counted.cell_labels, 0) as cell_labels
        from cells
        left join
        (
            select week, service, environment, feature, class, any(cell_labels) as cell_labels
            from labels
            group by week, service, environment, feature, class
        ) as counted using (week, service, environment, feature, class)
        where (week, service, environment, feature) in (select week, service, environment, feature from labels)
    ),
    -- what a label of a cell stands for; a cell without labels is that of its class in other weeks
    standing as
    (
        select
            week,
            service,
            environment,
            feature,
            class,
            cell_outputs / greatest(cell_labels, 1)
                * sum(cell_outputs) over of_class
                / sum(if(cell_labels > 0, cell_outputs, 0)) over of_class as stands_for,
            max(unweighted) over of_group as unknown_weights
        from read_cells
        window
            of_class as (partition by service, environment, feature, class),
            of_group as (partition by service, environment, feature)
    ),
    scores as
    (
        select
            e.output_id as output_id,
            o.service as service,
            o.environment as environment,
            o.feature as feature,
            e.carrier as carrier,
            e.name as name,
            e.evaluator as evaluator,
            avg(coalesce(e.score, toFloat64(e.passed))) as f,
            any(o.weight) as weight
        from evaluations_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 37,
            until = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') + 1
        ) as e
        inner join
        (
            select output_id, service, environment, feature, weight, toMonday(toDate(matured_at, {{zone}})) as week
            from outputs_within(
                as_of = {as_of:DateTime64(3, 'UTC')},
                since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 37,
                until = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC')
            )
            where matured and week >= until - 28 and week < until
        ) as o on o.output_id = e.output_id
        where
            e.kind = 'judge'
            and (e.score is not null or e.passed is not null)
            and (o.week, o.service, o.environment, o.feature)
                in (select week, service, environment, feature from labels)
        group by output_id, service, environment, feature, carrier, name, evaluator
    ),
    judges as
    (
        select
            service,
            environment,
            feature,
            carrier,
            name,
            evaluator,
            count() as scored,
            sum(weight * f) / sum(weight) as f_mean,
            greatest(0., sum(weight * f * f) / sum(weight) - f_mean * f_mean) / count() as f_variance
        from scores
        group by service, environment, feature, carrier, name, evaluator
    ),
    rows_of as
    (
        select
            labels.service as service,
            labels.environment as environment,
            labels.feature as feature,
            judges.carrier as carrier,
            judges.name as name,
            judges.evaluator as evaluator,
            judges.scored as scored,
            judges.f_mean as f_mean,
            judges.f_variance as f_variance,
            standing.unknown_weights as unknown_weights,
            toFloat64(labels.y) as y,
            if(own.output_id = '', judges.f_mean, own.f) as f,
            own.output_id != '' as has_score,
            standing.stands_for / sum(standing.stands_for) over of_judge as a,
            -- the spread of a class with few labels is that of all such classes
            if(count() over of_class < 5, '', labels.class) as pool
        from labels
        inner join judges using (service, environment, feature)
        inner join standing using (week, service, environment, feature, class)
        left join scores as own
            on own.output_id = labels.output_id and own.carrier = judges.carrier
            and own.name = judges.name and own.evaluator = judges.evaluator
        window
            of_judge as (
                partition by labels.service, labels.environment, labels.feature,
                    judges.carrier, judges.name, judges.evaluator
            ),
            of_class as (
                partition by labels.service, labels.environment, labels.feature,
                    judges.carrier, judges.name, judges.evaluator, labels.class
            )
    ),
    pools as
    (
        select
            service,
            environment,
            feature,
            carrier,
            name,
            evaluator,
            any(rows_of.scored) as scored,
            any(rows_of.f_mean) as f_mean,
            any(rows_of.f_variance) as f_variance,
            max(rows_of.unknown_weights) as unknown_weights,
            count() as m,
            countIf(has_score) as m_scored,
            m / greatest(m - 1, 1) as unbiased,
            sum(a * y) as ay,
            sum(a * f) as af,
            sum(a) as aa,
            ay / aa as y_mean,
            af / aa as f_here,
            unbiased * (sum(a * a * y * y) - 2 * y_mean * sum(a * a * y) + y_mean * y_mean * sum(a * a)) as vyy,
            unbiased * (
                sum(a * a * y * f) - y_mean * sum(a * a * f) - f_here * sum(a * a * y)
                + y_mean * f_here * sum(a * a)
            ) as vyf,
            unbiased * (sum(a * a * f * f) - 2 * f_here * sum(a * a * f) + f_here * f_here * sum(a * a)) as vff
        from rows_of
        group by service, environment, feature, carrier, name, evaluator, pool
    )
select
    service,
    environment,
    feature,
    carrier,
    name,
    evaluator,
    sum(m) as labels,
    sum(m_scored) as labels_scored,
    any(pools.scored) as outputs_scored,
    multiIf(
        max(pools.unknown_weights) = 1,
        'how likely some outputs were to be sampled is not known: see the view sampling',
        labels < 300, 'fewer than 300 labels',
        ''
    ) as reason,
    if(sum(vff) > 0, sum(vyf) / (sum(vff) + any(pools.f_variance)), 0.) as lambda,
    sum(ay) as plain_share,
    sum(vyy) as plain_variance,
    plain_share - lambda * (sum(af) - any(pools.f_mean)) as tightened,
    greatest(
        0., sum(vyy) - 2 * lambda * sum(vyf) + lambda * lambda * (sum(vff) + any(pools.f_variance))
    ) as variance,
    greatest(0., least(1., tightened)) as share,
    if(reason = '', share, null) as quality,
    if(reason = '', {{wilson_low(share, share * (1 - share) / variance)}}, null) as low,
    if(reason = '', {{wilson_high(share, share * (1 - share) / variance)}}, null) as high,
    if(reason = '', plain_share, null) as plain,
    if(reason = '', {{wilson_low(plain_share, plain_share * (1 - plain_share) / plain_variance)}}, null) as plain_low,
    if(reason = '', {{wilson_high(plain_share, plain_share * (1 - plain_share) / plain_variance)}}, null)
        as plain_high,
    if(reason = '', sqrt(variance), null) as standard_error
from pools
group by service, environment, feature, carrier, name, evaluator
