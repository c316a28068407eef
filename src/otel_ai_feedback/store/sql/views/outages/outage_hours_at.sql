-- How far lies each hour of the last week from the same hour of the week, and is that an outage?
--
-- z is the difference from the same hour of the week (in the store's time zone) over the 8 weeks
-- before (2 at least, without days of an open drift incident), in units of the noise that hours have
-- among themselves: phi as in `drift_daily_at`, its cells being hours of the week. An hour is judged
-- with n >= 30 when 5 of the rarer kind were to be expected, or 15 are there: failures rise from next
-- to nothing. An outage is |z| >= 3 with one sign in two consecutive hours.
with
    {{zone}} as zone,
    -- the last hour whose outputs have matured, as far as the jobs have counted
    (
        select toStartOfHour(
            least({as_of:DateTime64(3, 'UTC')}, max(as_of)) - interval 90 minute, 'UTC'
        )
        from rollup_days
        where rollup = 'jobs'
    ) as newest,
    aged as
    (
        select
            counts.hour as hour,
            counts.service as service,
            counts.environment as environment,
            counts.feature as feature,
            counts.series as series,
            counts.k as k,
            counts.n as n,
            dateDiff('hour', counts.hour, newest) as hours_ago,
            toDayOfWeek(counts.hour, 0, zone) * 24 + toHour(counts.hour, zone) as slot,
            -- two hours of play, as a week with a change of the clock has 167 or 169
            intDiv(hours_ago + 2, 168) as weeks_ago,
            weeks_ago between 1 and 8 and not arrayExists(
                range -> (range.1 = '' or range.1 = counts.series)
                    and counts.day between range.2 and range.3,
                ranges
            ) as compared
        from series_hours_within(
            since = toDate({as_of:DateTime64(3, 'UTC')}) - 66,
            until = toDate({as_of:DateTime64(3, 'UTC')}) + 1
        ) as counts
        left join
        (
            select
                service,
                environment,
                feature,
                groupArray((toString(series), from_day, to_day)) as ranges
            from drift_exclusions final
            group by service, environment, feature
        ) as exclusions using (service, environment, feature)
        where counts.hour <= newest and hours_ago < 1512
    ),
    slots as
    (
        select
            service,
            environment,
            feature,
            series,
            slot,
            maxIf(a.hour, weeks_ago = 0) as hour,
            sumIf(a.k, weeks_ago = 0) as k,
            sumIf(a.n, weeks_ago = 0) as n,
            countIf(compared) as weeks,
            sumIf(a.k, compared) as reference_k,
            sumIf(a.n, compared) as reference_n,
            countIf(compared and hours_ago >= 192) as lagged_weeks,
            sumIf(a.k, compared and hours_ago >= 192) as lagged_k,
            sumIf(a.n, compared and hours_ago >= 192) as lagged_n,
            sumIf(a.k * a.k / a.n, compared and hours_ago >= 192) as lagged_squares,
            lagged_weeks > 1 and lagged_k between 1 and lagged_n - 1 as usable
        from aged as a
        group by service, environment, feature, series, slot
    ),
    scattered as
    (
        select
            *,
            if(
                reference_k between 1 and reference_n - 1,
                reference_k / reference_n,
                (reference_k + .5) / (reference_n + 1)
            ) as expected,
            sumIf(
                (lagged_squares - lagged_k * lagged_k / lagged_n)
                    / (lagged_k / lagged_n * (1 - lagged_k / lagged_n)),
                usable
            ) over whole as scatter,
            sumIf(lagged_weeks - 1, usable) over whole as degrees
        from slots
        window whole as (partition by service, environment, feature, series)
    ),
    measured as
    (
        select
            *,
            if(degrees = 0, 1, greatest(1, scatter / degrees)) as phi,
            (k / n - expected)
                / sqrt(phi * expected * (1 - expected) * (1 / n + 1 / reference_n)) as unjudged_z
        from scattered
        where n > 0
    ),
    judged as
    (
        select
            *,
            if(
                n >= 30 and weeks >= 2
                and (
                    n * least(expected, 1 - expected) >= 5
                    or if(unjudged_z > 0, k, n - k) >= 15
                ),
                unjudged_z,
                null
            ) as z,
            ifNull(z >= 3, false) as rose,
            ifNull(z <= -3, false) as fell
        from measured
    ),
    followed as
    (
        select
            *,
            lagInFrame(rose) over hours as rose_before,
            lagInFrame(fell) over hours as fell_before,
            lagInFrame(hour) over hours as hour_before
        from judged
        window hours as
        (
            partition by service, environment, feature, series
            order by hour
            rows between 1 preceding and current row
        )
    )
select
    hour,
    dateDiff('hour', hour, newest) as hours_ago,
    service,
    environment,
    feature,
    series,
    k,
    n,
    k / n as rate,
    expected,
    phi,
    z,
    multiIf(
        hour_before + 3600 != hour, '',
        fell and fell_before, 'fell',
        rose and rose_before, 'rose',
        ''
    ) as direction,
    toUInt8(direction != '') as outage
from followed
