-- How far has each series drifted from its own past, day by day?
--
-- A cumulative sum (CUSUM; Page, Biometrika 41, 1954) of how much each day differs from the same
-- weekday of the previous 8 weeks, in units of the noise that those days have among themselves
-- (phi) and corrected for how alike neighbouring days are (r). Half a unit a day is forgiven, what
-- lies more than 28 days back is forgotten, and a day with n < 50 carries the sum over. Days of an
-- open drift incident are in no reference. `noise` is the unit: how far a day strays by itself.
with
    with_past as
    (
        select
            *,
            groupArrayIf((day, k, n), not excluded) over
            (
                partition by service, environment, feature, segment_kind, segment, series
                order by day
                range between 63 preceding and 1 preceding
            ) as past
        from drift_mode_at(as_of = {as_of:DateTime64(3, 'UTC')})
        where series != 'returned_7d'
    ),
    -- Step by step, each from columns that are there: a name used twice in one select is computed, and
    -- planned, twice.
    sliced as
    (
        select
            * except past,
            arrayFilter(d -> (day - d.1) % 7 = 0 and day - d.1 <= 56, past) as same_weekday,
            -- days of each weekday, 8 to 63 days ago: today's fall must not count as noise
            arrayMap(
                weekday -> arrayFilter(d -> day - d.1 >= 8 and (day - d.1) % 7 = weekday, past),
                range(7)
            ) as lagged
        from with_past
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
            if(degrees = 0, 1, greatest(1, scatter / degrees)) as phi
        from scattered
    ),
    referenced as
    (
        select
            *,
            sqrt(phi * expected * (1 - expected) * (1 / n + 1 / reference_n)) as day_noise
        from measured
    ),
    standardised as
    (
        select
            *,
            if(weeks < 2, null, greatest(-4, least(4, (k / n - expected) / day_noise))) as raw
        from referenced
    ),
    remembered as
    (
        select
            *,
            groupArrayIf(raw, not excluded) over
            (
                partition by service, environment, feature, segment_kind, segment, series
                order by day
                range between 63 preceding and 8 preceding
            ) as before
        from standardised
    ),
    correlated as
    (
        select
            * except before,
            -- days that hardly differ (all 0 %, say) have rounding in common, not noise
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
            if(r > .2, sqrt((1 + r) / (1 - r)), 1) as width
        from correlated
    ),
    corrected as
    (
        select
            *,
            raw / width as z,
            if(raw is null, null, day_noise * width) as noise
        from widened
    ),
    summed as
    (
        select
            *,
            sum(if(n < 50, 0, ifNull(-z - .5, 0))) over so_far as fallen,
            sum(if(n < 50, 0, ifNull(z - .5, 0))) over so_far as risen,
            min(day) over so_far as first_day
        from corrected
        window so_far as
        (
            partition by service, environment, feature, segment_kind, segment, series
            order by day
            rows between unbounded preceding and current row
        )
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
    expected,
    phi,
    r,
    noise,
    z,
    first_day,
    -- before the first day the sum is 0, as long as that day is one of the last 28
    fallen - least(min(fallen) over recent, if(day - first_day < 27, 0, fallen)) as s_down,
    risen - least(min(risen) over recent, if(day - first_day < 27, 0, risen)) as s_up
from summed
window recent as
(
    partition by service, environment, feature, segment_kind, segment, series
    order by day
    range between 27 preceding and current row
)
