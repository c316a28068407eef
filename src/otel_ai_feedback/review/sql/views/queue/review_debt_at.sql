-- Is review behind schedule, or are there too few reviews, as known at a given time?
-- Now: Is review behind schedule, or are there too few reviews, as known now?
-- Kept: when changed, 5 minutes
--
-- Minutes are those of all reviewers and features in the last 14 days, second reviews and gold items
-- included, requested reviews not; a verdict without a time counts as long as others take. Debt is
-- less than 85 % of the planned minutes, or, for a sampled feature,
-- fewer than 50 labels in the last four closed weeks. The queue never counts: where all was reviewed, or
-- nothing was planned (0 minutes), there is no debt. The plan begins when the first week of outputs has
-- closed, but not before the first day was frozen: nothing could be reviewed before.
-- Features are those with samples in these weeks or since.
with
    {{zone}} as zone,
    toDate({as_of:DateTime64(3, 'UTC')}, zone) as today,
    (
        select greatest(toMonday(min(day)) + 7, toDate(min(frozen_at), zone))
        from draws
        where notEmpty(drawn) and frozen_at <= {as_of:DateTime64(3, 'UTC')}
    ) as promised_from,
    (
        select (minutes_per_week, seconds_per_item)
        from review_capacity_at(as_of = {as_of:DateTime64(3, 'UTC')})
    ) as capacity,
    (
        select sum(least(ifNull(seconds, capacity.2), 600.)) / 60
        from reviews final
        where
            reading != 'extra'
            and verdict not in ('erased', 'skipped')
            and reviewed_at > {as_of:DateTime64(3, 'UTC')} - interval 14 day
            and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
    ) as minutes,
    groups as
    (
        select
            service,
            environment,
            feature,
            countIf(
                week >= toMonday(today) - 28 and week < toMonday(today) and disposed_at is null
            ) as unread,
            countIf(week >= toMonday(today) - 28 and counts and label in ('good', 'bad'))
                as labels_of_window
        from drawn_labels_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 42
        )
        group by service, environment, feature
    )
select
    service,
    environment,
    feature,
    -- a store that has sampled for a few days only has no plan for two weeks yet
    capacity.1 * least(14, greatest(0, today - promised_from)) / 7 as minutes_promised,
    ifNull(minutes, 0) as minutes_read,
    labels_of_window as labels,
    toUInt8(
        capacity.1 > 0
        and max(unread) over () > 0
        and minutes_read < .85 * minutes_promised
    ) as is_short_of_minutes,
    toUInt8(
        capacity.1 > 0 and unread > 0 and labels < 50 and first_week <= toMonday(today) - 28
    ) as is_short_of_labels,
    toUInt8(is_short_of_minutes or is_short_of_labels) as debt
from groups
left join
(
    select
        service,
        environment,
        feature,
        toMonday(min(day)) as first_week
    from draws
    where notEmpty(drawn)
    group by service, environment, feature
) as begun using (service, environment, feature)
