-- Has the distribution of questions, answers or classes changed by more than noise?
-- Now: Has the distribution of questions, answers or classes changed by more than noise, as known now?
-- Kept: when changed, 60 minutes
--
-- The last 7 closed days (q, n outputs) against the 56 before (p, m): PSI = sum (q - p) ln(q / p) over
-- buckets; those in which fewer than 5 of the n are to be expected are one. Were nothing to change, PSI
-- would stay below `noise` = (1/n + 1/m) chi2_.95(B - 1) phi in 95 of 100 weeks, B being the number of
-- buckets and phi how much more the 8 weeks differ among themselves than samples of independent outputs
-- would. Under head sampling n and m are effective numbers (Kish 1965). Days of an open incident about
-- the whole group, and those before its level was accepted, are not compared with.
with
    toDate(
        {as_of:DateTime64(3, 'UTC')} - interval 30 minute,
        {{zone}}
    ) as today,
    -- yesterday, unless it has not been counted yet
    (
        select least(today - 1, greatest(max(day), today - 2))
        from rollup_days
        where rollup = 'histograms'
    ) as last_day,
    [
        3.841459, 5.991465, 7.814728, 9.487729, 11.070498, 12.591587, 14.067140, 15.507313,
        16.918978, 18.307038, 19.675138, 21.026070, 22.362032, 23.684791, 24.995790, 26.296228,
        27.587112, 28.869299, 30.143527, 31.410433
    ] as quantiles,
    counted as
    (
        select
            counts.service as service,
            counts.environment as environment,
            counts.feature as feature,
            kind,
            dimension,
            bucket,
            -- weights, and their squares, of this week and each of the 8 before
            sumForEach(arrayMap(
                week -> if(week = intDiv(last_day - day, 7), counts.outputs[2], 0), range(9)
            )) as weights,
            sumForEach(arrayMap(
                week -> if(week = intDiv(last_day - day, 7), counts.outputs[3], 0), range(9)
            )) as squares
        from histograms as counts
        left join baseline_starts_at(as_of = {as_of:DateTime64(3, 'UTC')}) as levels
            on levels.service = counts.service
            and levels.environment = counts.environment
            and levels.feature = counts.feature
            and levels.series = ''
        left join
        (
            select
                service,
                environment,
                feature,
                groupArray((from_day, to_day)) as ranges
            from drift_exclusions final
            where series = ''
            group by service, environment, feature
        ) as exclusions
            on exclusions.service = counts.service
            and exclusions.environment = counts.environment
            and exclusions.feature = counts.feature
        where
            (day, version) in
            (
                select day, version
                from rollup_days final
                where rollup = 'histograms'
            )
            and day <= last_day
            and day > last_day - 63
            and day >= levels.from_day
            and
            (
                day > last_day - 7
                or not arrayExists(range -> day between range.1 and range.2, ranges)
            )
        group by service, environment, feature, kind, dimension, bucket
    ),
    sized as
    (
        select
            *,
            arraySum(arraySlice(weights, 2)) as before,
            sum(before) over whole as all_before,
            sum(weights[1]) over whole as all_now,
            all_now * all_now / sum(squares[1]) over whole as n
        from counted
        window whole as (partition by service, environment, feature, kind, dimension)
    ),
    merged as
    (
        select
            service,
            environment,
            feature,
            kind,
            dimension,
            if(before / all_before * n < 5, 'all others', toString(s.bucket)) as bucket,
            sumForEach(s.weights) as weights,
            sumForEach(s.squares) as squares
        from sized as s
        where all_now > 0 and all_before > 0
        group by service, environment, feature, kind, dimension, bucket
    ),
    shared as
    (
        select
            *,
            arraySum(arraySlice(weights, 2)) as before,
            sum(before) over whole as all_before,
            sumForEach(weights) over whole as all_weights,
            sumForEach(squares) over whole as all_squares,
            -- the effective number of outputs of each week
            arrayMap((w, s) -> if(s = 0, 0, w * w / s), all_weights, all_squares) as sizes,
            sizes[1] as n,
            all_before * all_before / arraySum(arraySlice(all_squares, 2)) as m,
            before / all_before as expected,
            greatest(weights[1] / all_weights[1], .5 / n) as q,
            greatest(expected, .5 / m) as p,
            if(
                expected = 0,
                0,
                arraySum(
                    (size, w, w_all) -> if(w_all = 0, 0, size * pow(w / w_all - expected, 2) / expected),
                    arraySlice(sizes, 2), arraySlice(weights, 2), arraySlice(all_weights, 2)
                )
            ) as scatter,
            arrayCount(size -> size > 0, arraySlice(sizes, 2)) as weeks
        from merged
        window whole as (partition by service, environment, feature, kind, dimension)
    )
select
    service,
    environment,
    feature,
    kind,
    dimension,
    sum((q - p) * log(q / p)) as psi,
    count() as buckets,
    any(s.n) as n,
    any(s.m) as m,
    if(
        any(weeks) < 3 or buckets < 2,
        1,
        greatest(1, sum(scatter) / ((any(weeks) - 1) * (buckets - 1)))
    ) as phi,
    buckets - 1 as degrees,
    -- the 95 % quantile of chi-square; from 21 degrees on by Wilson and Hilferty (1931)
    if(
        degrees between 1 and 20,
        quantiles[degrees],
        degrees * pow(1 - 2 / (9 * degrees) + 1.644854 * sqrt(2 / (9 * degrees)), 3)
    ) as quantile,
    if(degrees = 0, 0, (1 / n + 1 / m) * quantile * phi) as noise,
    toUInt8(psi > noise) as over
from shared as s
group by service, environment, feature, kind, dimension
having n >= 50 and m >= 50
