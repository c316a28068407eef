-- How far is each hour of the last week from the same hour of earlier weeks, and is that an outage?
--
-- z is the difference from the same hour of the week (in the store's time zone) over the 8 weeks
-- before (2 at least, without days of an open drift incident), in units of the noise that hours have:
-- phi p (1 - p) / n + tau^2, phi for answers that resemble each other, tau for what moves all answers of
-- an hour together, whatever their number. Both are fitted to how much the same hours of those weeks
-- differ, a week and more ago. The part of the noise that is chance has the tails of a binomial, not of
-- a normal distribution: 1 of 40 where 30 % are usual is rarer than its distance says. Neighbouring
-- hours are alike by r, so that two in a row prove less: z is divided by sqrt(1 + 1.25 r), with which
-- two are beyond a limit as rarely as if they were independent. It is as rare as Student's t is with the days
-- from which the noise is known.
--
-- Until half of the hours of the week have 2 weeks to fit the noise to, an hour is compared with all
-- hours of the 7 days before (a day of them at least): `compared_with` says with what. How much those
-- hours differ, their cycle included, is phi; what a few days cannot show of how days differ is
-- expected to be as large as what matters. Neighbours share all noise that is not chance. An hour is
-- judged with n >= 30 when 5 of the rarer kind were to be expected, or 15 are there: failures rise from
-- next to nothing. An outage are two consecutive hours that are off to one side by more than what
-- matters (`effect_floor`), by |z| >= 2.5 each and 6.4 together: by chance as rare as |z| >= 3 twice,
-- and found more often. A step of tau's size, or one that lasts an hour, is not seen.
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
            groupArrayIf((weeks_ago, a.k, a.n), compared and hours_ago >= 192) as lagged,
            arraySum(h -> h.2, lagged) as lagged_k,
            arraySum(h -> h.3, lagged) as lagged_n,
            length(lagged) > 1 and lagged_k between 1 and lagged_n - 1 as usable,
            lagged_k / lagged_n * (1 - lagged_k / lagged_n) as spread,
            -- week, difference from the slot, what chance alone makes of that
            if(usable, arrayMap(h -> (
                h.1,
                (h.2 / h.3 - lagged_k / lagged_n) * sqrt(length(lagged) / (length(lagged) - 1)),
                spread / h.3
            ), lagged), []) as differences
        from aged as a
        group by service, environment, feature, series, slot
    ),
    -- tau^2 is the slope of a line through (1 / a, difference^2 / a), phi what it is at 0
    fitted as
    (
        select
            *,
            countIf(length(lagged) > 1) over whole * 2 >= count() over whole as fits_weeks,
            sum(length(differences)) over whole as cells,
            sum(arraySum(d -> 1 / d.3, differences)) over whole as sum_x,
            sum(arraySum(d -> d.2 * d.2 / d.3, differences)) over whole as sum_y,
            sum(arraySum(d -> 1 / d.3 / d.3, differences)) over whole as sum_xx,
            sum(arraySum(d -> d.2 * d.2 / d.3 / d.3, differences)) over whole as sum_xy,
            cells * sum_xx - sum_x * sum_x as scatter_of_x,
            -- hours of one size leave the two apart no more than chance does
            if(
                scatter_of_x > .01 * sum_x * sum_x,
                greatest(0, (cells * sum_xy - sum_x * sum_y) / scatter_of_x),
                0
            ) as tau_squared,
            if(cells = 0, 1, greatest(1, (sum_y - tau_squared * sum_x) / cells)) as phi
        from slots
        window whole as (partition by service, environment, feature, series)
    ),
    standard as
    (
        select
            *,
            mapFromArrays(
                differences.1,
                arrayMap(d -> d.2 / sqrt(phi * d.3 + tau_squared), differences)
            ) as residuals,
            leadInFrame(residuals) over hours as next_residuals,
            leadInFrame(slot) over hours = slot + 1 as has_next,
            arrayFilter(week -> has_next and mapContains(next_residuals, week), mapKeys(residuals))
                as pairs
        from fitted
        window hours as
        (
            partition by service, environment, feature, series
            order by slot
            rows between current row and 1 following
        )
    ),
    correlated as
    (
        select
            *,
            sum(length(pairs)) over whole as all_pairs,
            sum(arraySum(week -> residuals[week] * next_residuals[week], pairs)) over whole as shared,
            sum(arraySum(week -> residuals[week] * residuals[week], pairs)) over whole as own,
            if(all_pairs < 28, 0, least(1, greatest(0, ifNotFinite(shared / own, 0)))) as r
        from standard
        window whole as (partition by service, environment, feature, series)
    ),
    -- the 7 days before each hour, but for the last two hours, which may be of the same outage
    lately as
    (
        select
            hour,
            service,
            environment,
            feature,
            series,
            count() over own_week as own_hours,
            sum(k) over own_week as own_k,
            sum(n) over own_week as own_n,
            sum(k * k / n) over own_week as own_squares,
            dateDiff('hour', min(hour) over series_hours, newest) as age_hours
        from aged
        where n > 0 and hours_ago < 338
        window
            own_week as
            (
                partition by service, environment, feature, series
                order by toUnixTimestamp(hour)
                range between 604800 preceding and 10800 preceding
            ),
            series_hours as (partition by service, environment, feature, series)
    ),
    referenced as
    (
        select
            c.*,
            lately.age_hours as age_hours,
            weeks >= 2 and fits_weeks as by_weeks,
            if(by_weeks, reference_k, own_k) as known_k,
            if(by_weeks, reference_n, own_n) as known_n,
            by_weeks or own_hours >= 24 as has_reference,
            if(
                known_k between 1 and known_n - 1,
                known_k / known_n,
                (known_k + .5) / (known_n + 1)
            ) as expected,
            {{effect_floor(expected)}} as floor,
            if(
                by_weeks,
                phi,
                greatest(1, ifNotFinite(
                    (own_squares - own_k * own_k / own_n) / (expected * (1 - expected)) / (own_hours - 1),
                    1
                ))
            ) as used_phi,
            if(by_weeks, tau_squared, 48 / own_hours * floor * floor) as used_tau_squared,
            expected * (1 - expected) * (1 / c.n + 1 / known_n) as chance,
            used_phi * chance + used_tau_squared * if(by_weeks, 1 + 1 / weeks, 1) as variance,
            if(by_weeks, r, 1 - chance / variance) as used_r,
            -- the noise is known from so many days, or hours that share a part of it
            greatest(
                7, if(by_weeks, cells / 24 - 7, (own_hours - 1) * (1 - used_r) / (1 + used_r))
            ) as degrees
        from correlated as c
        left any join lately using (service, environment, feature, series, hour)
        where c.n > 0
    ),
    standardised as
    (
        select
            *,
            k / n - expected as moved,
            -- without the half answer by which counts are coarser than what they stand for
            expected + sign(moved) * greatest(0, abs(moved) - .5 / n) as seen,
            sign(moved) * sqrt(greatest(0, 2 * expected * (1 - expected) / variance * (
                seen * log(seen / expected) + (1 - seen) * log((1 - seen) / (1 - expected))
            ))) as by_chance,
            used_phi * chance / variance as share_of_chance,
            share_of_chance * by_chance + (1 - share_of_chance) * moved / sqrt(variance) as t,
            -- the normal value that is as rare as Student's t (Wallace, Ann. Math. Stat. 30, 1959)
            sign(t) * (8 * degrees + 1) / (8 * degrees + 3)
                * sqrt(degrees * log(1 + t * t / degrees))
                / sqrt(1 + 1.25 * used_r) as unjudged_z
        from referenced
    ),
    judged as
    (
        select
            *,
            n >= 30 and (
                n * least(expected, 1 - expected) >= 5 or if(unjudged_z > 0, k, n - k) >= 15
            ) as large_enough,
            if(has_reference and large_enough, unjudged_z, null) as z,
            abs(moved) >= floor as matters,
            ifNull(z >= 2.5 and matters, false) as rose,
            ifNull(z <= -2.5 and matters, false) as fell
        from standardised
    ),
    followed as
    (
        select
            *,
            lagInFrame(rose) over hours as rose_before,
            lagInFrame(fell) over hours as fell_before,
            lagInFrame(hour) over hours as hour_before,
            z + lagInFrame(z) over hours as both
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
    used_phi as phi,
    sqrt(used_tau_squared) as tau,
    if(by_weeks, r, null) as r,
    multiIf(not has_reference, '', by_weeks, 'this hour of the week', 'the 7 days before')
        as compared_with,
    -- in words, where there is no z
    multiIf(
        not has_reference,
        concat(
            'Not judged yet: needs ',
            if(age_hours >= 23, '1 more hour', concat(toString(24 - age_hours), ' more hours'))
        ),
        z is null, 'Too few answers in this hour to judge it',
        ''
    ) as why_not_judged,
    z,
    multiIf(
        hour_before + 3600 != hour, '',
        fell and fell_before and both <= -6.4, 'fell',
        rose and rose_before and both >= 6.4, 'rose',
        ''
    ) as direction,
    toUInt8(direction != '') as outage
from followed
