-- Which features are sampled in which week?
select
    week,
    service,
    environment,
    feature,
    is_drawn,
    labels,
    decided_at
from draw_rotations
where (week, decided_at, run) in
(
    select week, min((decided_at, run)).1, min((decided_at, run)).2
    from draw_rotations
    group by week
)
