-- How many outputs can be reviewed in the planned time, and for how many features is that enough?
-- Now: How many outputs can be reviewed in the planned time, and for how many features is that enough?
--
-- The time is the setting OTEL_AI_FEEDBACK_REVIEW_MINUTES_PER_WEEK. seconds_per_item is the mean of the
-- last 28 days, none counted as more than five minutes (a break), and 30 before 20
-- reviews were timed. 85 % are first reviews; a score takes 50 in 28
-- days. With more features than groups_in_28_days, groups_at_once are reviewed for weeks_at_once weeks, in turn.
with
    (
        select (avg(least(seconds, 300.)), count())
        from reviews final
        where
            reading = 'first'
            and verdict in ('good', 'bad', 'unsure')
            and seconds > 0
            and reviewed_at > {as_of:DateTime64(3, 'UTC')} - interval 28 day
            and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
    ) as timed
select
    toFloat64OrDefault(
        (select any(value) from settings final where name = 'review_minutes_per_week'), 60.
    ) as minutes_per_week,
    if(timed.2 >= 20, assumeNotNull(timed.1), 30.) as seconds_per_item,
    timed.2 as timed_items,
    minutes_per_week * 60 / seconds_per_item as items_per_week,
    .85 * items_per_week as labels_per_week,
    toUInt32(floor(4 * labels_per_week / 50)) as groups_in_28_days,
    toUInt8(least(4, greatest(1, ceil(50 / greatest(labels_per_week, 1))))) as weeks_at_once,
    toUInt32(greatest(1, floor(labels_per_week * weeks_at_once / 50))) as groups_at_once
