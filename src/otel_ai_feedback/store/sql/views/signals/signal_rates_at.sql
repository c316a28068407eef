-- How often did users copy, edit, ask again, reject ... each day, as known at a given time?
--
-- As `signal_rates`, counted from the outputs themselves, at the cost of the whole history.
with counted as
(
    select *
    from signal_counts_within(
        as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
    )
    where hour = 0
    union all
    select *
    from returning_within(
        as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
    )
)
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
from counted as c
where not startsWith(signal, '(')
