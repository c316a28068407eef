-- By how much does each signal differ between two versions of each feature?
--
-- B minus A with the interval of the page Compare at one look (docs/compare.md#users-are-the-unit): by
-- buckets of users, who may be on both sides, and without spread in an arm from the arms' own intervals.
with
    counted as
    (
        {{compared_counts}}
    ),
    paired as
    (
        select
            service,
            environment,
            feature,
            signal,
            anyIf(version, arm = 'A') as a,
            anyIf(version, arm = 'B') as b,
            arrayResize(sumForEachIf(c.k, arm = 'A'), 64) as buckets_k_a,
            arrayResize(sumForEachIf(c.n, arm = 'A'), 64) as buckets_n_a,
            arrayResize(sumForEachIf(c.k, arm = 'B'), 64) as buckets_k_b,
            arrayResize(sumForEachIf(c.n, arm = 'B'), 64) as buckets_n_b,
            sumIf(c.answers, arm = 'A') as n_a,
            sumIf(c.answers, arm = 'B') as n_b
        from counted as c
        group by service, environment, feature, signal
        having n_a >= 30 and n_b >= 30
    ),
    rated as
    (
        select
            *,
            arraySum(buckets_k_a) / arraySum(buckets_n_a) as rate_a,
            arraySum(buckets_k_b) / arraySum(buckets_n_b) as rate_b,
            arrayMap((x, y) -> x - rate_a * y, buckets_k_a, buckets_n_a) as beyond_a,
            arrayMap((x, y) -> x - rate_b * y, buckets_k_b, buckets_n_b) as beyond_b,
            arrayExists(x -> abs(x) > 1e-9, beyond_a) and arrayExists(x -> abs(x) > 1e-9, beyond_b)
                as has_spread,
            {{n_effective(buckets_k_a, buckets_n_a, n_a)}} as worth_a,
            {{n_effective(buckets_k_b, buckets_n_b, n_b)}} as worth_b,
            -- what is beyond the rates adds up to 0, so each arm keeps its own
            {{variance_of_difference(beyond_a, buckets_n_a, beyond_b, buckets_n_b)}} as variance,
            least({{degrees(buckets_n_a)}}, {{degrees(buckets_n_b)}}) as degrees
        from paired
    )
select
    r.service as service,
    r.environment as environment,
    r.feature as feature,
    r.signal as signal,
    r.a as a,
    r.b as b,
    rate_a,
    rate_b,
    rate_b - rate_a as difference,
    if(
        has_spread,
        difference - {{z}} * sqrt(variance / {{student(degrees)}}),
        greatest(-1., difference - sqrt(
            pow(rate_b - {{wilson_low(rate_b, worth_b)}}, 2)
                + pow({{wilson_high(rate_a, worth_a)}} - rate_a, 2)
        ))
    ) as low,
    if(
        has_spread,
        difference + {{z}} * sqrt(variance / {{student(degrees)}}),
        least(1., difference + sqrt(
            pow({{wilson_high(rate_b, worth_b)}} - rate_b, 2)
                + pow(rate_a - {{wilson_low(rate_a, worth_a)}}, 2)
        ))
    ) as high,
    {{effect_floor(rate_a)}} as matters_from,
    concat(toString(list.good), 'er') as better,
    n_a,
    n_b,
    n_a + n_b as n
from rated as r
inner join (select name, good from signal_list final) as list on list.name = r.signal
order by service, environment, feature, signal
limit 1000
