-- How much can be reviewed in the planned time, and which features have their turn in the newest week?
with newest as
(
    select *
    from draw_rotation
    where week = (select max(week) from draw_rotations)
)
select
    capacity.*,
    (select count() from newest) as groups,
    (select countIf(not is_drawn) from newest) as waiting,
    (select max(week) from newest) as week,
    (
        select arraySort(groupArrayIf(
            [toString(service), toString(environment), toString(feature)], is_drawn
        ))
        from newest
    ) as drawn_names
from review_capacity_at(as_of = {as_of:DateTime64(3, 'UTC')}) as capacity
