-- What is the rate of each signal, per day?
--
-- With the 95% interval, for the filters above; a day without answers has no row.
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
        rates.series as series,
        sum(k_weighted) / sum(n_weighted) as rate,
        sumForEach(k_by_bucket) as buckets_k,
        sumForEach(n_by_bucket) as buckets_n,
        {{n_effective(buckets_k, buckets_n, n)}} as n_effective,
        sum(rates.n) as n
    from {{rates_in_view}}
    group by day, series
)
order by time, series
