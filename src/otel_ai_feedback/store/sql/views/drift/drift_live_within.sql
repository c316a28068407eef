-- Did a signal change significantly since some day, when, and in which direction, recomputed?
--
-- One row per watched series and closed day, or per closed week (on its Monday) where it is too
-- small to be watched by the day. It raises an alert while a sum stands at or above the threshold, which is
-- higher where many series are watched, and the rate has `moved` by `effect_floor` or more on the
-- days that are evidence: with many outputs, what is certain need not matter. `since_accepted` compares the
-- last four weeks with the first four of the present level, since a slow fade carries its own
-- reference along.
--
-- `detects` says in words what a series of this size can show: a shift of d standard deviations gains
-- d - .5 a step, so it crosses the threshold in 7 days (4 weeks) when d is .5 and a seventh (a fourth)
-- of it.
with
    raised as
    (
        select
            steps.*,
            if(mode = 'day', 6, 3.5) + if(watched > 20, log(watched / 20), 0) as threshold,
            if(
                accepted_k between 1 and accepted_n - 1,
                accepted_k / accepted_n,
                (accepted_k + .5) / (accepted_n + 1)
            ) as accepted_rate
        from drift_steps_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}) as steps
        -- not a window: a query for one series need not compute the others
        left any join
        (
            select
                day,
                count() as watched
            from series_parts_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date})
            where declared
            group by day
        ) as all_series using (day)
    ),
    compared as
    (
        select
            *,
            noise * (.5 + threshold / if(mode = 'day', 7, 4)) as shift,
            (last_k + accepted_k + .5) / (last_n + accepted_n + 1) as both_rate,
            greatest(r, 0) as alike,
            if(s_down >= s_up, moved_down, moved_up) as moved,
            {{effect_floor(expected)}} as effect_floor,
            {{effect_floor(accepted_rate)}} as floor_since_accepted,
            if(
                day - first_day < 55 or last_n < 50 or accepted_n < 50,
                null,
                (last_k / last_n - accepted_rate)
                    / sqrt(
                        phi * both_rate * (1 - both_rate) * (1 / last_n + 1 / accepted_n)
                        * (1 + alike) / (1 - alike)
                    )
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
    moved,
    effect_floor,
    multiIf(
        abs(moved) < effect_floor, '',
        s_down >= threshold and s_down >= s_up, 'fell',
        s_up >= threshold, 'rose',
        ''
    ) as direction,
    direction != '' as alarm,
    accepted_rate,
    last_k / last_n as last_28_days_rate,
    since_accepted_z,
    ifNull(
        abs(since_accepted_z) >= {{since_accepted_threshold}}
        and abs(last_k / last_n - accepted_rate) >= floor_since_accepted,
        false
    ) as since_accepted_alarm
from compared
