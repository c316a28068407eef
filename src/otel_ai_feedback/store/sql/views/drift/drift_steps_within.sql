-- How far has each signal drifted from its own past, day by day or week by week?
--
-- A cumulative sum (CUSUM; Page, Biometrika 41, 1954) of how much each step differs from the same
-- weekday of the previous 8 weeks, in units of the noise that those days have among themselves
-- (phi) and corrected for how alike neighbouring days are (r). Half a unit a step is forgiven, what
-- lies more than 28 days back is forgotten, and a step with n < 50 carries the sum over. Days of an
-- open drift incident are in no reference. `noise` is the unit: how far a step strays by itself.
--
-- Where there are too few outputs a day, a step is a week from Monday to Sunday, compared with the
-- previous 8 (4 at least), and what lies more than 26 weeks back is forgotten. One pass computes both:
-- a week is a day that all others of its past have the weekday of.
--
-- `since` is the first day that is answered; what is added up and compared reaches back further:
-- sums of 27 days, r of 182 days before, each compared with 63 days before it; by the week 175 and 56
-- days. Only the mode, the first day and the accepted baseline follow from all days.
with
    started as
    (
        select
            *,
            min(day) over whole as first_date,
            groupUniqArrayIf(mode, day >= {since:Date}) over whole as modes
        from drift_cadence_at(as_of = {as_of:DateTime64(3, 'UTC')})
        window whole as (partition by service, environment, feature, segment_kind, segment, series)
    ),
    stepped as
    (
        select
            if(step = 'week', toMonday(day), day) as at,
            step,
            service,
            environment,
            feature,
            segment_kind,
            segment,
            series,
            argMax(counts.mode, counts.day) as mode,
            sum(counts.k) as k,
            sum(counts.n) as n,
            sumIf(counts.k, not excluded) as kept_k,
            sumIf(counts.n, not excluded) as kept_n,
            any(if(step = 'week', toMonday(first_date), first_date)) as first_day
        from started as counts
        array join modes as step
        where
            toInt32(at) >= toInt32({since:Date}) - if(step = 'week', 231, 272)
            or day - first_date < 35
        group by at, step, service, environment, feature, segment_kind, segment, series
        having step = 'day' or at + 7 <= toDate(
            {as_of:DateTime64(3, 'UTC')} - interval 30 minute,
            {{zone}}
        )
    ),
    with_past as
    (
        select
            *,
            sumIf(k, mode = step and at - first_day < 28) over so_far as accepted_k,
            sumIf(n, mode = step and at - first_day < 28) over so_far as accepted_n,
            sumIf(k, mode = step) over last_weeks as last_k,
            sumIf(n, mode = step) over last_weeks as last_n,
            groupArrayIf((at, kept_k, kept_n), kept_n > 0) over
            (
                partition by service, environment, feature, segment_kind, segment, series, step
                order by at
                range between 63 preceding and 1 preceding
            ) as past
        from stepped
        window
            so_far as
            (
                partition by service, environment, feature, segment_kind, segment, series, step
                order by at
                rows between unbounded preceding and current row
            ),
            last_weeks as
            (
                partition by service, environment, feature, segment_kind, segment, series, step
                order by at
                range between 27 preceding and current row
            )
    ),
    -- Step by step, each from columns that are there: a name used twice in one select is computed, and
    -- planned, twice.
    sliced as
    (
        select
            * except past,
            arrayFilter(d -> (at - d.1) % 7 = 0 and at - d.1 <= 56, past) as same_weekday,
            -- days of each weekday, 8 to 63 days ago, or the weeks before the last one: a fall that has
            -- just begun must not count as noise
            if(
                step = 'week',
                [arrayFilter(d -> at - d.1 > 7, same_weekday)],
                arrayMap(
                    weekday -> arrayFilter(d -> at - d.1 >= 8 and (at - d.1) % 7 = weekday, past),
                    range(7)
                )
            ) as lagged
        from with_past
        where toInt32(at) >= toInt32({since:Date}) - if(step = 'week', 175, 209)
    ),
    weighed as
    (
        select
            * except (same_weekday, lagged),
            length(same_weekday) as weeks,
            arraySum(d -> d.2, same_weekday) as reference_k,
            arraySum(d -> d.3, same_weekday) as reference_n,
            -- (days, sum of k, sum of n, sum of k^2/n) of each weekday
            arrayFilter(
                w -> w.1 > 1 and w.2 between 1 and w.3 - 1,
                arrayMap(
                    days -> (
                        length(days),
                        arraySum(d -> d.2, days),
                        arraySum(d -> d.3, days),
                        arraySum(d -> d.2 * d.2 / d.3, days)
                    ),
                    lagged
                )
            ) as weekdays
        from sliced
    ),
    scattered as
    (
        select
            * except weekdays,
            if(
                reference_k between 1 and reference_n - 1,
                reference_k / reference_n,
                (reference_k + .5) / (reference_n + 1)
            ) as expected,
            arraySum(w -> w.1 - 1, weekdays) as degrees,
            arraySum(
                w -> (w.4 - w.2 * w.2 / w.3) / (w.2 / w.3 * (1 - w.2 / w.3)),
                weekdays
            ) as scatter
        from weighed
    ),
    measured as
    (
        select
            * except (degrees, scatter),
            if(degrees < if(step = 'week', 3, 1), 1, greatest(1, scatter / degrees)) as phi
        from scattered
    ),
    referenced as
    (
        select
            *,
            sqrt(phi * expected * (1 - expected) * (1 / n + 1 / reference_n)) as step_noise
        from measured
    ),
    standardised as
    (
        select
            *,
            if(
                weeks < if(step = 'week', 4, 2),
                null,
                -- two weeks of nothing raise an alert however many series there are: 2 (5 - .5) is above
                -- the threshold of 4,000
                greatest(
                    -if(step = 'week', 5, 4),
                    least(if(step = 'week', 5, 4), (k / n - expected) / step_noise)
                )
            ) as raw
        from referenced
    ),
    remembered as
    (
        select
            *,
            groupArrayIf(raw, kept_n > 0) over
            (
                partition by service, environment, feature, segment_kind, segment, series, step
                order by at
                range between 182 preceding and 8 preceding
            ) as before
        from standardised
    ),
    correlated as
    (
        select
            * except before,
            -- days that hardly differ (all 0 %, say) have rounding in common, not noise; weeks are few
            if(
                length(before) < 28 or arrayReduce('varPop', before) < .01,
                0,
                ifNotFinite(arrayReduce('corr', arrayPopBack(before), arrayPopFront(before)), 0)
            ) as r
        from remembered
    ),
    widened as
    (
        select
            *,
            -- neighbours that differ more than days do otherwise are luck
            sqrt((1 + greatest(r, 0)) / (1 - greatest(r, 0))) as width
        from correlated
    ),
    corrected as
    (
        select
            *,
            raw / width as z,
            if(raw is null, null, step_noise * width) as noise
        from widened
    ),
    summed as
    (
        select
            *,
            toInt32(at) * if(step = 'week', 27, 175) as place,
            if(n < 50 or z is null, 0, k / n - expected) as off,
            if(n < 50, 0, ifNull(-z - .5, 0)) as for_fall,
            if(n < 50, 0, ifNull(z - .5, 0)) as for_rise,
            sum(for_fall) over so_far as fallen,
            sum(for_rise) over so_far as risen,
            -- a step counts as much as it adds evidence: quiet days before a fall make it no smaller
            (
                sum(greatest(0, for_fall) * off) over so_far, sum(greatest(0, for_fall)) over so_far
            ) as fall_so_far,
            (
                sum(greatest(0, for_rise) * off) over so_far, sum(greatest(0, for_rise)) over so_far
            ) as rise_so_far
        from corrected
        window so_far as
        (
            partition by service, environment, feature, segment_kind, segment, series, step
            order by at
            rows between unbounded preceding and current row
        )
    ),
    forgotten as
    (
        select
            *,
            -- before the first day the sum is 0, as long as that day is not forgotten
            at - first_day < if(step = 'week', 175, 27) as begun_lately,
            least(min(fallen) over recent, if(begun_lately, 0, fallen)) as least_fallen,
            least(min(risen) over recent, if(begun_lately, 0, risen)) as least_risen,
            -- where the evidence that still counts began
            if(
                min(fallen) over recent > least_fallen,
                (0., 0.), argMin(fall_so_far, fallen) over recent
            ) as fall_began,
            if(
                min(risen) over recent > least_risen,
                (0., 0.), argMin(rise_so_far, risen) over recent
            ) as rise_began
        from summed
        window recent as
        (
            partition by service, environment, feature, segment_kind, segment, series, step
            order by place
            -- 27 days of steps by the day, 175 of steps by the week
            range between 4725 preceding and current row
        )
    )
select
    at as day,
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
    first_day,
    fallen - least_fallen as s_down,
    risen - least_risen as s_up,
    ifNotFinite(
        (fall_so_far.1 - fall_began.1) / (fall_so_far.2 - fall_began.2),
        0
    ) as moved_down,
    ifNotFinite(
        (rise_so_far.1 - rise_began.1) / (rise_so_far.2 - rise_began.2),
        0
    ) as moved_up,
    last_k,
    last_n,
    accepted_k,
    accepted_n
from forgotten
where mode = step and at >= {since:Date}
