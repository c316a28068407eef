-- How far has each series drifted from its own past, week by week?
--
-- As drift_daily_at, for series with too few outputs a day: buckets from Monday to Sunday, compared
-- with the previous 8 (4 at least), and what lies more than 26 weeks back is forgotten.
with
    weekly as
    (
        select
            toMonday(day) as week,
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
            sumIf(counts.n, not excluded) as kept_n
        from drift_mode_at(as_of = {as_of:DateTime64(3, 'UTC')}) as counts
        group by week, service, environment, feature, segment_kind, segment, series
        having week + 7 <= toDate(
            {as_of:DateTime64(3, 'UTC')} - interval 30 minute,
            coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
        )
    ),
    with_past as
    (
        select
            *,
            countIf(kept_n > 0) over before as weeks,
            sum(kept_k) over before as reference_k,
            sum(kept_n) over before as reference_n,
            sumIf(kept_k * kept_k / kept_n, kept_n > 0) over before as squares
        from weekly
        window before as
        (
            partition by service, environment, feature, segment_kind, segment, series
            order by week
            range between 56 preceding and 1 preceding
        )
    ),
    scattered as
    (
        select
            *,
            if(
                reference_k between 1 and reference_n - 1,
                reference_k / reference_n,
                (reference_k + .5) / (reference_n + 1)
            ) as expected
        from with_past
    ),
    measured as
    (
        select
            *,
            if(
                weeks < 4,
                1,
                greatest(
                    1,
                    (squares - reference_k * reference_k / reference_n)
                        / (expected * (1 - expected)) / (weeks - 1)
                )
            ) as phi
        from scattered
    ),
    referenced as
    (
        select
            *,
            sqrt(phi * expected * (1 - expected) * (1 / n + 1 / reference_n)) as week_noise
        from measured
    ),
    standardised as
    (
        select
            *,
            if(weeks < 4, null, week_noise) as noise,
            if(weeks < 4, null, greatest(-4, least(4, (k / n - expected) / week_noise))) as z
        from referenced
    ),
    summed as
    (
        select
            *,
            sum(if(n < 50, 0, ifNull(-z - .5, 0))) over so_far as fallen,
            sum(if(n < 50, 0, ifNull(z - .5, 0))) over so_far as risen,
            min(week) over so_far as first_week
        from standardised
        window so_far as
        (
            partition by service, environment, feature, segment_kind, segment, series
            order by week
            rows between unbounded preceding and current row
        )
    )
select
    week,
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
    noise,
    z,
    first_week,
    fallen - least(min(fallen) over recent, if(week - first_week < 175, 0, fallen)) as s_down,
    risen - least(min(risen) over recent, if(week - first_week < 175, 0, risen)) as s_up
from summed
window recent as
(
    partition by service, environment, feature, segment_kind, segment, series
    order by week
    range between 175 preceding and current row
)
