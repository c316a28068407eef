-- Since which week are failure modes to be counted again, as nothing was kept of them by a given time?
--
-- 2149-06-06 where every week with a draw is kept.
select ifNull(minOrNull(week), toDate('2149-06-06')) as first_week
from
(
    select distinct toMonday(day) as week
    from draws
)
where week not in
(
    select day
    from rollup_days final
    where rollup = 'modes' and rollup_days.as_of <= {as_of:DateTime64(3, 'UTC')}
)
