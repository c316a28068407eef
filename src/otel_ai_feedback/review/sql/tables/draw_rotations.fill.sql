-- Which groups are sampled in a week, unless that has been decided?
--
-- Every one, while the planned time covers them. Else as many as can come to a number in their turn,
-- the least labelled first; whose turn takes several weeks keeps it for as long. What is known is what
-- was known when the week began. A group that nothing was known of is not in the list.
insert into draw_rotations
    (week, service, environment, feature, is_drawn, labels, run, decided_at)
with
    (
        select (minutes_per_week, groups_in_28_days, weeks_at_once, groups_at_once)
        from review_capacity_at(as_of = toDateTime64({week:Date}, 3, 'UTC'))
    ) as capacity,
    labelled as
    (
        select service, environment, feature, countIf(label in ('good', 'bad')) as labels
        from review_draw as drawn
        join labels_at(as_of = toDateTime64({week:Date}, 3, 'UTC')) as told
            on told.output_id = drawn.output_id
        where day >= {week:Date} - 28 and day < {week:Date}
        group by service, environment, feature
    ),
    turns as
    (
        select
            service,
            environment,
            feature,
            maxIf(is_drawn, week = {week:Date} - 7) as had_last_week,
            maxIf(is_drawn, week = {week:Date} - 7 * capacity.3) as began_a_turn_ago
        from draw_rotation
        where week >= {week:Date} - 28 and week < {week:Date}
        group by service, environment, feature
    ),
    ranked as
    (
        select
            known.service as service,
            known.environment as environment,
            known.feature as feature,
            labelled.labels as labels,
            capacity.3 > 1 and turns.had_last_week and not turns.began_a_turn_ago as keeps_its_turn,
            count() over () as groups,
            row_number() over (
                order by
                    keeps_its_turn desc,
                    labelled.labels,
                    sipHash64({week:Date}, known.service, known.environment, known.feature)
            ) as place
        from
        (
            select distinct service, environment, feature
            from frozen_days
            where day >= {week:Date} - 28 and day < {week:Date}
        ) as known
        left join labelled using (service, environment, feature)
        left join turns using (service, environment, feature)
    )
select
    {week:Date},
    service,
    environment,
    feature,
    capacity.1 = 0 or groups <= capacity.2 or place <= capacity.4,
    labels,
    {run:String},
    {decided_at:DateTime64(3, 'UTC')}
from ranked
where {week:Date} not in (select week from draw_rotations)
