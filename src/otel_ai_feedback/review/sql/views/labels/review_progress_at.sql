-- How far has each closed week been reviewed?
-- Kept: when changed, 5 minutes
--
-- `cut` is the smallest u that is not yet disposed; what lies below it is a valid sample of the
-- week, however far the reviews went. A fully reviewed week has a cut of 1. What was not read
-- 28 days after the end of the week is `expired`: a later review changes nothing.
with
    {{today}} as today
select
    week,
    any(labels.cut) as cut,
    count() as drawn,
    countIf(is_disposed) as disposed,
    if(week + 35 <= today, countIf(not is_disposed), 0) as expired
from drawn_labels_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01') as labels
where week + 7 <= today
group by week
