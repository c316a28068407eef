-- How fast does a reviewer read, how fast do all, when did this one read in the last hours, and how
-- many minutes a week are promised?
select
    toFloat64OrDefault(
        (select any(value) from settings final where name = 'review_minutes_per_week'), 60.
    ) as minutes_per_week,
    medianOrNullIf(took, reviewer = {reviewer:String}) as own_seconds,
    countIf(reviewer = {reviewer:String} and took is not null) as own_items,
    medianOrNull(took) as all_seconds,
    countIf(took is not null) as all_items,
    arraySort(groupArrayIf(
        (began, ifNull(took, 0)),
        reviewer = {reviewer:String} and began > {as_of:DateTime64(3, 'UTC')} - interval 6 hour
    )) as recent
from
(
    select
        reviewer,
        reading,
        output_id,
        min(reviewed_at) as began,
        argMin(seconds, reviewed_at) as took
    from reviews final
    where
        screen_version like 'web-%'
        and reviewed_at > {as_of:DateTime64(3, 'UTC')} - interval 28 day
        and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
    group by reviewer, reading, output_id
)
