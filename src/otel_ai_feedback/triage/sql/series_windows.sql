-- What was the rate of a signal from a day to the day of the fix, and after it, and on how many outputs?
--
-- n is how many independent outputs would be as precise: fewer where few users give many of them, and by
-- how much noisier days are than users alone make them: phi, of the 5 weeks that end a week before the
-- first day.
with
    days as
    (
        select
            day,
            sum(k_weighted) as k,
            sum(n_weighted) as n,
            sumForEach(rates.k_by_bucket) as k_by_bucket,
            sumForEach(rates.n_by_bucket) as n_by_bucket,
            sum(rates.n) as answers,
            {{n_effective(k_by_bucket, n_by_bucket, answers)}} as independent
        from signal_rates_within(since = {since:Date} - 42, until = {until:Date}) as rates
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
    ),
    windows as
    (
        select
            day > {day:Date} as after,
            sum(k) / sum(n) as rate,
            sumForEach(days.k_by_bucket) as buckets_k,
            sumForEach(days.n_by_bucket) as buckets_n,
            sum(days.answers) as all_answers
        from days
        where day >= {since:Date}
        group by after
    )
select
    after,
    rate,
    {{n_effective(buckets_k, buckets_n, all_answers)}} / phi as n_independent
from windows
cross join noise
order by after
