-- Do answers and user actions arrive at their usual rate?
-- Kept: always, 5 minutes
--
-- From the counts of the jobs, of hours whose outputs had all matured. The expected count of a window
-- is that of the same hours of the week in up to four weeks before, or, for user actions, what as
-- many answers brought in the four weeks before. The window is the shortest of 3, 6, 24, 72 and 168
-- hours in which 20 are expected. A feature with an accepted baseline (`accept`) is expected to be as
-- it was from that day on.
with
    {{zone}} as zone,
    toDate({as_of:DateTime64(3, 'UTC')}, zone) as today,
    -- outputs of the hour before have matured, and the jobs have counted them
    toStartOfHour(toDateTime({as_of:DateTime64(3, 'UTC')} - interval 40 minute, 'UTC'), 'UTC') as end_hour,
    accepted as
    (
        select
            service,
            environment,
            feature,
            max(from_day) as from_day
        from accepted_baselines
        where series = '' and accepted_at <= {as_of:DateTime64(3, 'UTC')}
        group by service, environment, feature
    ),
    hours as
    (
        select
            service,
            environment,
            feature,
            hour,
            -- 1 is the last hour
            toInt64(intDiv(toUnixTimestamp(end_hour) - toUnixTimestamp(hour), 3600)) as hours_ago,
            sumIf(s.answers, signal = '(used)') as outputs,
            sumIf(s.answers, signal = '(actions)') as answers,
            sumIf(s.shown, signal = '(actions)') as signs
        from signal_hours_within(
            since = toDate({as_of:DateTime64(3, 'UTC')}) - 38,
            until = toDate({as_of:DateTime64(3, 'UTC')}) + 1
        ) as s
        left join accepted using (service, environment, feature)
        where
            signal in ('(used)', '(actions)')
            and day >= today - 37
            and day >= from_day
            and hour >= end_hour - 36 * 86400
            and hour < end_hour
        group by service, environment, feature, hour
    ),
    aged as
    (
        select
            *,
            max(hours_ago) over (partition by service, environment, feature) as age
        from hours
    ),
    windows as
    (
        select
            service,
            environment,
            feature,
            length_hours,
            any(age) as first_hours_ago,
            maxIf(hour, outputs > 0) as last_output,
            maxIf(hour, signs > 0) as last_sign,
            greatest(0, least(4, intDiv(first_hours_ago - length_hours, 168))) as weeks,
            sumIf(aged.outputs, hours_ago <= length_hours) as outputs_now,
            sumIf(
                aged.outputs,
                hours_ago > 168
                and (hours_ago - 1) % 168 < length_hours
                and intDiv(hours_ago - 1, 168)
                    <= greatest(0, least(4, intDiv(age - length_hours, 168)))
            ) / greatest(1, weeks) as outputs_expected,
            sumIf(aged.answers, hours_ago <= length_hours) as answers_now,
            sumIf(aged.signs, hours_ago <= length_hours) as signs_now,
            sumIf(aged.signs, hours_ago > length_hours and hours_ago <= length_hours + 672)
                as signs_before,
            sumIf(aged.answers, hours_ago > length_hours and hours_ago <= length_hours + 672)
                as answers_before,
            -- where there was never an action: one answer in a hundred gets at least a thumb
            answers_now * if(signs_before > 0, signs_before / answers_before, .01)
                as signs_expected
        from aged
        array join [3, 6, 24, 72, 168] as length_hours
        group by service, environment, feature, length_hours
    ),
    chosen as
    (
        select
            service,
            environment,
            feature,
            max(last_output) as output_at,
            max(last_sign) as sign_at,
            max(weeks) as most_weeks,
            max(signs_before + signs_now) > 0 as ever,
            argMinIf(
                (length_hours, outputs_now, outputs_expected, weeks),
                length_hours,
                outputs_expected >= 20
            ) as o,
            argMinIf((length_hours, signs_now, signs_expected), length_hours, signs_expected >= 20)
                as s
        from windows
        group by service, environment, feature
    )
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
        row.1 as alarm,
        row.2 as judged,
        row.3 as value,
        row.3 as compared,
        row.4 as last_seen,
        row.5 as detail
    from chosen
    array join
    [
        (
            'pipeline-silent',
            o.1 > 0,
            if(o.1 > 0, o.2 / o.3, 1.),
            toNullable(toDateTime64(output_at, 3, 'UTC')),
            multiIf(
                o.1 > 0,
                concat(
                    {{count(o.2)}}, ' answers in ', toString(o.1), ' h (expected ',
                    {{count(o.3)}}, ' from ',
                    if(o.4 = 1, 'the week before)', concat(toString(o.4), ' weeks before)'))
                ),
                most_weeks = 0, 'No full week to compare with yet',
                'Too few answers per week to detect silence'
            )
        ),
        (
            'feedback-silent',
            s.1 > 0,
            if(s.1 > 0, s.2 / s.3, 1.),
            if(ever, toNullable(toDateTime64(sign_at, 3, 'UTC')), null),
            multiIf(
                s.1 > 0 and not ever,
                'No answer was ever seen on a page, used, rated or edited',
                s.1 > 0,
                concat(
                    {{count(s.2)}}, ' actions in ', toString(s.1), ' h (expected ',
                    {{count(s.3)}}, ')'
                ),
                'Too few answers per week to detect silence'
            )
        )
    ] as row
) as measured
join health_checks as checks final using (alarm)
