-- Is review sampling up to date, is review on schedule, and are there enough reviews?
-- Kept: always, 5 minutes
--
-- A day is due to be sampled four hours after it ended. `nobody-reviewed` is about the whole store,
-- as groups take turns where there are many.
with
    {{zone}} as zone,
    toDate({as_of:DateTime64(3, 'UTC')} - interval 4 hour, zone) - 1 as closed_day,
    answered as
    (
        select
            service,
            environment,
            feature,
            max(day) as last_day,
            min(day) as first_day
        from signal_days_within(
            since = toDate({as_of:DateTime64(3, 'UTC')}) - 37,
            until = toDate({as_of:DateTime64(3, 'UTC')}) + 1
        )
        where signal = '(seen)' and day <= closed_day and day > closed_day - 35
        group by service, environment, feature
    ),
    frozen as
    (
        select
            service,
            environment,
            feature,
            max(day) as drawn_day,
            min(week) as first_week,
            max(frozen_at) as drawn_at
        from frozen_days
        where frozen_at <= {as_of:DateTime64(3, 'UTC')}
        group by service, environment, feature
    ),
    waiting as
    (
        select
            minOrNull(if(length(drawn) > 0, frozen_at, null)) as first_drawn_at,
            countIf(length(drawn) > 0 and day > closed_day - 28) > 0 as something_to_read
        from frozen_days
        where frozen_at <= {as_of:DateTime64(3, 'UTC')}
    ),
    (
        select maxOrNull(reviewed_at)
        from reviews final
        where verdict != 'erased' and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
    ) as read_at
select
    service,
    environment,
    feature,
    alarm,
    stage,
    judged,
    value,
    compared,
    threshold,
    toUInt8(judged and if(breach = 'below', compared < threshold, compared > threshold)) as firing,
    last_seen,
    detail
from
(
    select
        service,
        environment,
        feature,
        'draw-missing' as alarm,
        true as judged,
        toFloat64(toInt32(last_day) - toInt32(greatest(drawn_day, first_day - 1))) as value,
        value as compared,
        if(drawn_day > toDate(0), toNullable(drawn_at), null) as last_seen,
        multiIf(
            drawn_day = toDate(0), concat('No day sampled yet; answers since ', toString(first_day)),
            concat('Sampled up to ', toString(drawn_day), ', answers up to ', toString(last_day))
        ) as detail
    from answered
    left join frozen using (service, environment, feature)
    union all
    select
        '',
        '',
        '',
        'nobody-reviewed',
        something_to_read as judged,
        if(
            judged,
            dateDiff(
                'second',
                greatest(assumeNotNull(first_drawn_at), ifNull(read_at, assumeNotNull(first_drawn_at))),
                {as_of:DateTime64(3, 'UTC')}
            ) / 86400,
            0.
        ) as value,
        value as compared,
        read_at,
        multiIf(
            not judged, 'No answers sampled in four weeks',
            read_at is null, 'No reviews yet',
            concat('Last review ', {{utc_minute(assumeNotNull(read_at))}})
        )
    from waiting
    union all
    select
        service,
        environment,
        feature,
        row.1 as alarm,
        row.2 as judged,
        row.3 as value,
        row.3 as compared,
        null,
        row.4 as detail
    from
    (
        select
            debts.*,
            -- five weeks: no more reviews of the window are expected
            first_week <= toDate({as_of:DateTime64(3, 'UTC')}, zone) - 35 as is_old
        from review_debt_at(as_of = {as_of:DateTime64(3, 'UTC')}) as debts
        join frozen using (service, environment, feature)
    )
    array join
    [
        (
            'review-debt',
            minutes_promised > 0 or debt,
            toFloat64(debt),
            concat(
                if(
                    minutes_promised = 0, 'No review time was planned',
                    concat(
                        {{count(minutes_read)}}, ' of ', {{count(minutes_promised)}},
                        ' planned minutes reviewed in two weeks'
                    )
                ),
                '; ', if(labels = 0, 'no', {{count(labels)}}), if(labels = 1, ' review', ' reviews'),
                ' in four weeks'
            )
        ),
        (
            'labels-too-few',
            is_old,
            toFloat64(labels),
            if(
                is_old,
                concat(if(labels = 0, 'No', {{count(labels)}}), if(labels = 1, ' review', ' reviews'), ' in the last four closed weeks'),
                'Sampled for less than five weeks'
            )
        )
    ] as row
) as measured
join health_checks as checks final using (alarm)
