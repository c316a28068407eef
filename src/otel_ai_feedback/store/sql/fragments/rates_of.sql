-- (counts) How often signals were shown, with the 95 % interval, from counts by bucket of users.
select
    day,
    service,
    environment,
    feature,
    model,
    release,
    signal as series,
    c.shown as k,
    c.answers as n,
    arraySum(c.k) as k_weighted,
    arraySum(c.n) as n_weighted,
    {{n_effective(c.k, c.n, c.answers)}} as n_effective,
    k_weighted / n_weighted as rate,
    {{wilson_low(rate, n_effective)}} as low,
    {{wilson_high(rate, n_effective)}} as high,
    prompt_version,
    c.k as k_by_bucket,
    c.n as n_by_bucket
from {{counts}} as c
where not startsWith(signal, '(')
