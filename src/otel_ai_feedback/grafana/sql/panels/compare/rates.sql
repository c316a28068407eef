-- What is the rate of each signal in two versions of each feature?
select
    service,
    environment,
    feature,
    signal,
    arm,
    version,
    arraySum(buckets_k) / arraySum(buckets_n) as rate,
    {{wilson_low(rate, n_effective)}} as low,
    {{wilson_high(rate, n_effective)}} as high,
    n,
    {{n_effective(buckets_k, buckets_n, n)}} as n_effective
from
(
    select
        service,
        environment,
        feature,
        signal,
        arm,
        version,
        sumForEach(c.k) as buckets_k,
        sumForEach(c.n) as buckets_n,
        sum(c.answers) as n
    from
    (
        {{compared_counts}}
    ) as c
    group by service, environment, feature, signal, arm, version
)
order by service, environment, feature, signal, arm
limit 1000
