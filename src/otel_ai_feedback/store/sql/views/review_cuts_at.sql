-- Down to where has each closed week been read?
--
-- `cut` is the smallest u that is not yet disposed; what lies below it is a valid sample of the
-- week, however far the reading went. A week that was read to its end has a cut of 1.
select
    week,
    min(if(disposed_at is null, u, 1)) as cut,
    count() as drawn,
    countIf(disposed_at is not null) as disposed
from review_draw
left join labels_at(as_of = {as_of:DateTime64(3, 'UTC')}) as labels using (output_id)
where week + 7 <= toDate(
    {as_of:DateTime64(3, 'UTC')},
    coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
)
group by week
settings join_use_nulls = 1
