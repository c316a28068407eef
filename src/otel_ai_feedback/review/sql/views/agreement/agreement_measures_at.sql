-- How far do two reviews of the same output agree, by each measure, even if there are few?
--
-- Over pairs in which both said good or bad. `kind` is `between` two reviewers, or `self`: one
-- reviewer, named, a week apart. With a the share on which both say the same, p and q the shares that
-- the first and the second review call good, and r = (p + q) / 2:
--   kappa (Cohen 1960) = (a - e) / (1 - e), e = p q + (1 - p)(1 - q), standard error
--     sqrt(a (1 - a) / n) / (1 - e);
--   ac1 (Gwet 2008) = (a - e) / (1 - e), e = 2 r (1 - r);
--   alpha (Krippendorff, nominal) = 1 - (1 - a) (2n - 1) / (4 n r (1 - r)).
-- None of the three is defined where everyone always says the same. Where there are several
-- features, an empty service, environment and feature mean all of them.
with
    pairs as
    (
        select
            *,
            first_verdict = 'good' as first_good,
            second_verdict = 'good' as second_good,
            if(is_self, 'self', 'between') as kind,
            if(is_self, toString(first_reviewer), '') as reviewer
        from reading_pairs_at(as_of = {as_of:DateTime64(3, 'UTC')})
        where first_verdict in ('good', 'bad') and second_verdict in ('good', 'bad')
    ),
    counted as
    (
        select
            part.1 as service,
            part.2 as environment,
            part.3 as feature,
            kind,
            reviewer,
            count() as n,
            countIf(first_good = second_good) as same,
            same / n as a,
            countIf(first_good) / n as p,
            countIf(second_good) / n as q,
            p * q + (1 - p) * (1 - q) as chance,
            (p + q) / 2 as r
        from
        (
            select
                kind,
                reviewer,
                first_good,
                second_good,
                [
                    (toString(pairs.service), toString(pairs.environment), toString(pairs.feature)),
                    ('', '', '')
                ] as parts,
                uniqExact(parts[1]) over () as groups
            from pairs
        )
        array join if(groups > 1, parts, [parts[1]]) as part
        group by part, kind, reviewer
    )
select
    service,
    environment,
    feature,
    kind,
    reviewer,
    n as pairs,
    a as agreement,
    {{wilson_low(a, n)}} as low,
    {{wilson_high(a, n)}} as high,
    if(chance < 1, (a - chance) / (1 - chance), null) as kappa,
    if(chance < 1, sqrt(a * (1 - a) / n) / (1 - chance), null) as kappa_error,
    (a - 2 * r * (1 - r)) / (1 - 2 * r * (1 - r)) as ac1,
    if(r > 0 and r < 1, 1 - (1 - a) * (2 * n - 1) / (4 * n * r * (1 - r)), null) as alpha
from counted
