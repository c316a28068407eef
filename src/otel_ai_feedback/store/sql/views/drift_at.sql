-- Did a signal leave its level, when, and in which direction?
--
-- One row per watched series and closed day, or per closed week (on its Monday) where it is too
-- small to be watched by the day. It alarms while a sum stands at or above the threshold, which is
-- higher where many series are watched. `since_accepted` compares the last four weeks with the
-- first four of the present level, since a slow fade carries its own reference along.
--
-- `detects` says in words what a series of this size can show: a shift of d units of noise gains
-- d - .5 a step, so it crosses the threshold in 7 days (4 weeks) when d is .5 and a seventh (a fourth)
-- of it.
with
    followed as
    (
        select
            day,
            service,
            environment,
            feature,
            segment_kind,
            segment,
            series,
            mode,
            k,
            n,
            expected,
            phi,
            r,
            noise,
            z,
            s_down,
            s_up,
            6 as base_threshold,
            first_day
        from drift_daily_at(as_of = {as_of:DateTime64(3, 'UTC')})
        where mode = 'day'
        union all
        select
            week as day,
            service,
            environment,
            feature,
            segment_kind,
            segment,
            series,
            mode,
            k,
            n,
            expected,
            phi,
            0 as r,
            noise,
            z,
            s_down,
            s_up,
            3.5 as base_threshold,
            first_week as first_day
        from drift_weekly_at(as_of = {as_of:DateTime64(3, 'UTC')})
        where mode = 'week'
    ),
    counted as
    (
        select
            *,
            sum(k) over last_weeks as last_k,
            sum(n) over last_weeks as last_n,
            sumIf(k, day - first_day < 28) over so_far as accepted_k,
            sumIf(n, day - first_day < 28) over so_far as accepted_n
        from followed
        window
            last_weeks as
            (
                partition by service, environment, feature, segment_kind, segment, series, mode
                order by day
                range between 27 preceding and current row
            ),
            so_far as
            (
                partition by service, environment, feature, segment_kind, segment, series, mode
                order by day
                rows between unbounded preceding and current row
            )
    ),
    raised as
    (
        select
            counted.*,
            base_threshold + if(watched > 20, log(watched / 20), 0) as threshold,
            if(
                accepted_k between 1 and accepted_n - 1,
                accepted_k / accepted_n,
                (accepted_k + .5) / (accepted_n + 1)
            ) as accepted_rate
        from counted
        -- not a window: a query for one series need not compute the others
        left any join
        (
            select
                day,
                count() as watched
            from series_counts_at(as_of = {as_of:DateTime64(3, 'UTC')})
            group by day
        ) as all_series using (day)
    ),
    compared as
    (
        select
            *,
            noise * (.5 + threshold / if(mode = 'day', 7, 4)) as shift,
            if(
                day - first_day < 55 or last_n < 50 or accepted_n < 50,
                null,
                (last_k / last_n - accepted_rate)
                    / sqrt(phi * accepted_rate * (1 - accepted_rate) * (1 / last_n + 1 / accepted_n))
            ) as since_accepted_z
        from raised
    )
select
    day,
    service,
    environment,
    feature,
    segment_kind,
    segment,
    series,
    mode,
    k,
    n,
    k / n as rate,
    expected,
    z,
    phi,
    r,
    multiIf(
        noise is null, 'nothing yet: too short a past to compare with',
        shift >= greatest(expected, 1 - expected), 'no change in so few outputs',
        concat(
            'a change of ', toString(round(100 * assumeNotNull(shift), 1)),
            if(mode = 'day', ' points in about 7 days', ' points in about 4 weeks')
        )
    ) as detects,
    s_down,
    s_up,
    threshold,
    multiIf(
        s_down >= threshold and s_down >= s_up, 'fell',
        s_up >= threshold, 'rose',
        ''
    ) as direction,
    direction != '' as alarm,
    accepted_rate,
    last_k / last_n as last_28_days_rate,
    since_accepted_z,
    ifNull(abs(since_accepted_z) >= 3.5, false) as since_accepted_alarm
from compared
