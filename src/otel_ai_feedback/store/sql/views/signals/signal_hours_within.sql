-- How many answers of some days showed each signal, each hour, of how many that could have, as last counted?
--
-- k and n are for how many the answers stand under head sampling.
select
    day,
    hour,
    service,
    environment,
    feature,
    model,
    release,
    signal,
    shown,
    answers,
    c.k[1] as k,
    c.n[1] as n
from signal_counts as c
where
    day >= {since:Date}
    and day <= {until:Date}
    and hour > 0
    and (day, version) in
    (
        select day, version
        from rollup_days final
        where rollup = 'signals'
    )
