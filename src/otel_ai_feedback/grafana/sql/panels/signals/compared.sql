-- What is the rate of each signal over the time range, by model and release?
with 1.959964 * 1.959964 as zz
select
    rates.series as signal,
    toString(model) as model,
    toString(release) as release,
    sum(k_weighted) / sum(n_weighted) as rate,
    (2 * n_effective * rate + zz - spread) / (2 * (n_effective + zz)) as low,
    (2 * n_effective * rate + zz + spread) / (2 * (n_effective + zz)) as high,
    sum(rates.n) as n,
    pow(sum(n_weighted), 2) / sum(n_weighted * n_weighted / rates.n_effective) as n_effective,
    sqrt(zz * (zz + 4 * n_effective * rate * (1 - rate))) as spread
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
