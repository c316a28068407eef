-- What do the counts of some days say, as one number a day?
--
-- Rounded: sums of weights may be added up in another order the next time.
select
    day,
    sum(cityHash64(
        service, environment, feature, model, release, prompt_version, series,
        n, round(k_weighted, 3), round(n_weighted, 3)
    )) as counts
from signal_rates_within(since = {since:Date}, until = {until:Date})
group by day
