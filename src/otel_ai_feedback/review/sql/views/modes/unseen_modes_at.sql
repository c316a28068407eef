-- How much of what goes wrong has not been seen yet, and is it worth looking for more?
-- Now: How much of what goes wrong has not been seen yet, and is it worth looking for more?
-- Kept: when changed, 5 minutes
--
-- Over the bad labels of closed weeks of the last 91 days, below the cut; n of them, f1 modes that only
-- one has, f2 that two have. The share of failures that are of a mode without a name is f1 / n (Good
-- 1953), +- 1.96 sqrt(f1) / n; `unseen_weighted` counts each label as the outputs it stands for. With f1
-- = 0 that bound says nothing: the upper one is never under 3 / n. `keep_opening`: it is .10 or more.
-- From 60 bad labels on `modes_in_all` is how many modes there are at least,
-- S + (n - 1)/n f1 (f1 - 1) / (2 (f2 + 1)) (Chao 1984).
with
    labelled as
    (
        select
            *,
            count() over (partition by service, environment, feature, mode) as of_mode,
            count() over (partition by service, environment, feature, output_id) as of_output
        from named_labels_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01')
        where
            counts
            and week >= toMonday({{today}}) - 91
    )
select
    service,
    environment,
    feature,
    uniqExact(output_id) as bad_labels,
    uniqExact(mode) as modes,
    countIf(of_mode = 1) as named_once,
    uniqExactIf(mode, of_mode = 2) as named_twice,
    least(1., named_once / bad_labels) as unseen,
    greatest(0., unseen - 1.96 * sqrt(named_once) / bad_labels) as low,
    least(1., greatest(unseen + 1.96 * sqrt(named_once) / bad_labels, 3 / bad_labels)) as high,
    least(1., sumIf(stands_for, of_mode = 1) / sum(stands_for / of_output)) as unseen_weighted,
    toUInt8(high >= .1) as keep_opening,
    if(
        bad_labels >= 60,
        modes + (bad_labels - 1) / bad_labels * named_once * (named_once - 1)
            / (2 * (named_twice + 1)),
        null
    ) as modes_in_all
from labelled
group by service, environment, feature
