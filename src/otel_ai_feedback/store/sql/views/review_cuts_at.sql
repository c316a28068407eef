-- Down to where has each closed week been read?
--
-- `cut` is the smallest u that is not yet disposed; what lies below it is a valid sample of the
-- week, however far the reading went. A week that was read to its end has a cut of 1. What was not read
-- 28 days after the end of the week is `expired`: reading it later moves nothing.
with
    toDate(
        {as_of:DateTime64(3, 'UTC')},
        coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
    ) as today,
    ordered as
    (
        select
            week,
            u,
            ifNull(toDate(
                disposed_at,
                coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
            ) < week + 35, false) as is_disposed
        from review_draw
        left join labels_at(as_of = {as_of:DateTime64(3, 'UTC')}) as labels using (output_id)
        where week + 7 <= today
        settings join_use_nulls = 1
    )
select
    week,
    min(if(is_disposed, 1, u)) as cut,
    count() as drawn,
    countIf(is_disposed) as disposed,
    if(week + 35 <= today, countIf(not is_disposed), 0) as expired
from ordered
group by week
