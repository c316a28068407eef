-- What is the rate of the selected signal, by prompt version?
--
-- With the 95% interval, for the days of the time range and the filters above.
select
    version,
    rate,
    {{wilson_low(rate, n_effective)}} as low,
    {{wilson_high(rate, n_effective)}} as high,
    n
from
(
    select
        if(prompt_version = '', 'unnamed', toString(prompt_version)) as version,
        sum(k_weighted) / sum(n_weighted) as rate,
        sumForEach(k_by_bucket) as buckets_k,
        sumForEach(n_by_bucket) as buckets_n,
        {{n_effective(buckets_k, buckets_n, n)}} as n_effective,
        sum(rates.n) as n
    from {{rates_in_view}}
        and rates.series in (${series:singlequote})
    group by version
)
order by n desc
limit 100
