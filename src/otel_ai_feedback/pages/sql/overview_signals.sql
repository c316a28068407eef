-- Which signals of each feature have changed, in which direction, since when, and from what?
--
-- A signal has changed while the drift rule fires for the feature as a whole. Since when is the most
-- likely day after the evidence was last zero: from which on the mean deviation, in its own standard
-- errors, is largest. `rate` is that of the days since, `expected` what was expected on the first of
-- them. Signals that have not changed are listed too, and those too young to be judged.
with
    moved as
    (
        select
            *,
            max(day) over whole as newest_day,
            argMax(direction, day) over whole as way,
            if(way = 'fell', s_down, s_up) as evidence
        from drift_within(as_of = now64(3, 'UTC'), since = {today:Date} - 42)
        where
            segment_kind = 'all'
            and ({service:String} = '' or service = {service:String})
            and ({environment:String} = '' or environment = {environment:String})
            and ({feature:String} = '' or feature = {feature:String})
        window whole as (partition by service, environment, feature, series)
    ),
    placed as
    (
        select
            *,
            maxIf(day, evidence = 0) over (partition by service, environment, feature, series)
                as calm_day,
            abs(sum(ifNull(z, 0)) over until_now) / sqrt(count() over until_now) as likelihood
        from moved
        window until_now as
        (
            partition by service, environment, feature, series
            order by day desc
            rows between unbounded preceding and current row
        )
    ),
    begun as
    (
        select
            *,
            argMaxIf(day, likelihood, day > calm_day) over
                (partition by service, environment, feature, series) as first_changed_day
        from placed
    )
select
    service,
    environment,
    feature,
    series,
    any(way) as direction,
    any(mode) as mode,
    countIf(z is not null) > 0 as is_judged,
    min(day) as first_day,
    any(first_changed_day) as since,
    sumIf(k, day >= first_changed_day) / sumIf(n, day >= first_changed_day) as rate,
    argMinIf(begun.expected, day, day >= first_changed_day) as expected,
    sumIf(n, day >= first_changed_day) as answers
from begun
where newest_day >= {today:Date} - 14
group by service, environment, feature, series
order by service, environment, feature, series
