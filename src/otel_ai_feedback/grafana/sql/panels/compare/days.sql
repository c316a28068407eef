-- What is the rate of the selected signal, per day, in two versions?
--
-- With the 95% interval, over the features above; a day without answers has no row.
with {{zone}} as zone
select
    toDateTime(day, zone) as time,
    series,
    rate,
    {{wilson_low(rate, n_effective)}} as low,
    {{wilson_high(rate, n_effective)}} as high,
    n
from
(
    select
        day,
        concat(arm, ': ', version) as series,
        arraySum(buckets_k) / arraySum(buckets_n) as rate,
        sumForEach(c.k) as buckets_k,
        sumForEach(c.n) as buckets_n,
        {{n_effective(buckets_k, buckets_n, n)}} as n_effective,
        sum(c.answers) as n
    from
    (
        {{compared_counts}}
    ) as c
    where c.signal in (${series:singlequote})
    group by day, series
)
order by time, series
