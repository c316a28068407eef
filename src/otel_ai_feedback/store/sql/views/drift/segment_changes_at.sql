-- Which segments of each feature have changed: the last 7 closed days against the 28 before?
--
-- Seven and 28 days have the same weekdays. A segment is compared with its own past, or with that of
-- the whole group where it had fewer than 50 outputs (a new model or release). The p-value is that of
-- a two-sided test of two proportions. Its variance is the larger of two: how much users differ from one
-- another, who may be on both sides (by buckets of users, docs/statistics.md), and the noise (phi) that the
-- days of the group's series have among themselves, 8 to 63 days ago. Below 50 outputs there is none.
with
    toDate(
        {as_of:DateTime64(3, 'UTC')} - interval 30 minute,
        {{zone}}
    ) as today,
    parts as
    (
        select *
        from series_parts_within(
            as_of = {as_of:DateTime64(3, 'UTC')}, since = toDate({as_of:DateTime64(3, 'UTC')}) - 65
        )
        -- a week's figure stands on its Monday
        where day >= today - 63 and series != 'returned_7d'
    ),
    noise as
    (
        select
            service,
            environment,
            feature,
            series,
            greatest(1, sum(scatter) / sum(days - 1)) as phi
        from
        (
            select
                service,
                environment,
                feature,
                series,
                toDayOfWeek(day) as weekday,
                count() as days,
                sum(p.k) as all_k,
                sum(p.n) as all_n,
                (sum(p.k * p.k / p.n) - all_k * all_k / all_n)
                    / (all_k / all_n * (1 - all_k / all_n)) as scatter
            from parts as p
            where segment_kind = 'all' and not excluded and day <= today - 8
            group by service, environment, feature, series, weekday
            having days > 1 and all_k between 1 and all_n - 1
        )
        group by service, environment, feature, series
    ),
    counted as
    (
        select
            service,
            environment,
            feature,
            series,
            segment_kind,
            segment,
            max(p.declared) as declared,
            sumIf(p.k, day >= today - 7) as k,
            sumIf(p.n, day >= today - 7) as n,
            sumIf(p.k, day < today - 7 and day >= today - 35 and not excluded) as own_k,
            sumIf(p.n, day < today - 7 and day >= today - 35 and not excluded) as own_n,
            sumForEachIf(p.k_by_bucket, day >= today - 7) as k_by_bucket,
            sumForEachIf(p.n_by_bucket, day >= today - 7) as n_by_bucket,
            sumForEachIf(p.k_by_bucket, day < today - 7 and day >= today - 35 and not excluded)
                as own_k_by_bucket,
            sumForEachIf(p.n_by_bucket, day < today - 7 and day >= today - 35 and not excluded)
                as own_n_by_bucket
        from parts as p
        group by service, environment, feature, series, segment_kind, segment
    ),
    compared as
    (
        select
            *,
            own_n >= 50 as has_past,
            if(has_past, own_k, maxIf(own_k, segment_kind = 'all') over whole) as reference_k,
            if(has_past, own_n, maxIf(own_n, segment_kind = 'all') over whole) as reference_n,
            if(
                reference_k between 1 and reference_n - 1,
                reference_k / reference_n,
                (reference_k + .5) / (reference_n + 1)
            ) as reference,
            if(
                has_past, own_k_by_bucket, maxIf(own_k_by_bucket, segment_kind = 'all') over whole
            ) as reference_k_by_bucket,
            if(
                has_past, own_n_by_bucket, maxIf(own_n_by_bucket, segment_kind = 'all') over whole
            ) as reference_n_by_bucket,
            {{variance_of_difference(
                k_by_bucket, n_by_bucket, reference_k_by_bucket, reference_n_by_bucket
            )}} as variance_by_users,
            least({{degrees(n_by_bucket)}}, {{degrees(reference_n_by_bucket)}}) as df,
            -- a t of so many degrees, as the z that is as rare
            (k / n - reference)
                * sqrt({{student(df)}})
                / sqrt(greatest(
                    greatest(1, phi) * reference * (1 - reference) * (1 / n + 1 / reference_n),
                    if(isFinite(variance_by_users), variance_by_users, 0)
                )) as difference
        from counted
        left join noise using (service, environment, feature, series)
        window whole as (partition by service, environment, feature, series)
    )
select
    service,
    environment,
    feature,
    series,
    segment_kind,
    segment,
    k,
    n,
    k / n as rate,
    reference,
    if(has_past, 'its own past', 'the past of the group') as compared_with,
    if(n < 50 or reference_n < 50, null, difference) as z,
    erfc(abs(z) / sqrt(2)) as p_value,
    toUInt8(declared) as declared
from compared
where n > 0
