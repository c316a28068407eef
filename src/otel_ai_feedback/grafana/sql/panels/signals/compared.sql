-- What is the rate of each signal over the time range, by model and release?
select
    rates.series as signal,
    toString(model) as model,
    toString(release) as release,
    sum(k_weighted) / sum(n_weighted) as rate,
    sumForEach(k_by_bucket) as buckets_k,
    sumForEach(n_by_bucket) as buckets_n,
    {{wilson_low(rate, n_effective)}} as low,
    {{wilson_high(rate, n_effective)}} as high,
    sum(rates.n) as n,
    {{n_effective(buckets_k, buckets_n, n)}} as n_effective
from signal_rates_within(
    since = toDate(toTimeZone($__fromTime, 'UTC')),
    until = toDate(toTimeZone($__toTime, 'UTC')) + 1
) as rates
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
    and $__conditionalAll(model in (${model:singlequote}), $model)
    and $__conditionalAll(release in (${release:singlequote}), $release)
group by signal, model, release
order by signal, n desc
limit 1000
