-- What is the rate of each signal over the time range, by model and release?
select
    signal,
    model,
    release,
    rate,
    {{wilson_low(rate, n_effective)}} as low,
    {{wilson_high(rate, n_effective)}} as high,
    n,
    n_effective
from
(
    select
        rates.series as signal,
        toString(rates.model) as model,
        toString(rates.release) as release,
        sum(k_weighted) / sum(n_weighted) as rate,
        sumForEach(k_by_bucket) as buckets_k,
        sumForEach(n_by_bucket) as buckets_n,
        {{n_effective(buckets_k, buckets_n, n)}} as n_effective,
        sum(rates.n) as n
    from {{rates_in_view}}
    group by signal, model, release
)
order by signal, n desc
limit 1000
