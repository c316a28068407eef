-- What was the rate of a signal from a day to the day of the fix, and after it, and on how many outputs?
--
-- n is the number of outputs of a simple sample that would be as precise (Kish 1965), by how much noisier
-- days are than outputs alone make them: phi, of the 5 weeks that end a week before the first day.
with
    days as
    (
        select
            day,
            sum(k_weighted) as k,
            sum(n_weighted) as n,
            n * n / sum(n_weighted * n_weighted / n_effective) as independent
        from signal_rates_within(since = {since:Date} - 42, until = {until:Date})
        where
            series = {name:String}
            and service = {service:String}
            and environment = {environment:String}
            and feature = {feature:String}
            and ({segment_kind:String} != 'model' or model = {segment:String})
            and ({segment_kind:String} != 'release' or release = {segment:String})
        group by day
    ),
    noise as
    (
        select
            countIf(day < {since:Date} - 7) as number,
            sumIf(independent, day < {since:Date} - 7) as all_n,
            sumIf(independent * k / n, day < {since:Date} - 7) / all_n as p,
            sumIf(independent * pow(k / n, 2), day < {since:Date} - 7) - all_n * p * p as scatter,
            if(
                number > 7 and p > 0 and p < 1,
                greatest(1, scatter / (p * (1 - p)) / (number - 1)),
                1
            ) as phi
        from days
    )
select
    day > {day:Date} as after,
    sum(k) / sum(n) as rate,
    sum(n) * sum(n) / sum(n * n / independent) / any(phi) as n_independent
from days
cross join noise
where day >= {since:Date}
group by after
order by after
