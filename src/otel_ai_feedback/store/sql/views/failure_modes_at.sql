-- What goes wrong, and in which share of outputs, as reviewers of four closed weeks said by a given time?
--
-- Each label below its week's cut stands for weight / pi outputs; share is what the labels with the
-- mode stand for, divided by what all stand for, and low and high its 95 % Wilson interval at the
-- effective number of labels (sum w)^2 / sum w^2 (Kish 1965). A mode has a row from 3 labels on.
with
    labelled as
    (
        select
            drawn.service as service,
            drawn.environment as environment,
            drawn.feature as feature,
            labels.label = 'bad' as is_bad,
            if(is_bad, arrayDistinct(labels.modes), []) as named,
            drawn.day as day,
            drawn.weight / least(1., cuts.cut * drawn.rate * drawn.threshold) as stands_for
        from review_draw as drawn
        join review_cuts_at(as_of = {as_of:DateTime64(3, 'UTC')}) as cuts
            on cuts.week = drawn.week
        join labels_at(as_of = {as_of:DateTime64(3, 'UTC')}) as labels
            on labels.output_id = drawn.output_id
        where
            labels.label in ('good', 'bad')
            and (drawn.u < cuts.cut or cuts.cut = 1)
            and drawn.week >= toMonday(toDate(
                {as_of:DateTime64(3, 'UTC')},
                coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
            )) - 28
    ),
    groups as
    (
        select
            service,
            environment,
            feature,
            sum(stands_for) as all_stand_for,
            all_stand_for * all_stand_for / sum(stands_for * stands_for) as n
        from labelled
        group by service, environment, feature
    ),
    1.959964 * 1.959964 as zz,
    sqrt(zz * (zz + 4 * n * share * (1 - share))) as spread
select
    service,
    environment,
    feature,
    mode,
    labels,
    share,
    greatest(0., least(share, (2 * n * share + zz - spread) / (2 * (n + zz)))) as low,
    least(1., greatest(share, (2 * n * share + zz + spread) / (2 * (n + zz)))) as high,
    first_seen,
    last_seen
from
(
    select
        service,
        environment,
        feature,
        mode,
        count() as labels,
        sum(stands_for) / any(all_stand_for) as share,
        any(groups.n) as n,
        min(day) as first_seen,
        max(day) as last_seen
    from labelled
    join groups using (service, environment, feature)
    array join named as mode
    group by service, environment, feature, mode
)
where labels >= 3
