-- What is the rate of the selected signal, by prompt version?
--
-- With the 95% Wilson interval, for the days of the time range and the filters above.
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
        pow(sum(n_weighted), 2) / sum(n_weighted * n_weighted / n_effective) as n_effective,
        sum(n) as n
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
        and rates.series in (${series:singlequote})
    group by version
)
order by n desc
limit 100
