-- How often did users copy, edit, ask again, reject ... each of some days, by service and model?
--
-- `since` and `until` are days, both included; it costs as much as these days have counts.
--
-- Over matured outputs with text; `failed` over all. n counts the outputs that could have shown the
-- signal, and there is no row where none could: a day without data is a gap, not a zero. What a
-- script in the page reports is counted over the outputs that it saw; without a script, over all, if
-- the feature reported that signal at all that week. What only some applications offer (editing,
-- accepting, rejecting, rating) has a rate only where it was used that week. Asking again and
-- regenerating is counted over outputs in a conversation whose question was hashed.
--
-- k and n are the outputs here. Under head sampling each stands for as many as its weight says, all
-- together for k_weighted and n_weighted; rate is the one divided by the other. Ten answers to one user
-- are not ten independent ones: low and high are the 95 % Wilson interval at n_effective, how many
-- independent answers would be as precise, by how far users differ from one another (docs/statistics.md).
-- k_by_bucket and n_by_bucket have a number for each of 64 buckets of users; they add up over days,
-- models, releases and prompt versions, and `n_effective` of a sum follows from them. Two turns of a
-- conversation are seldom sampled both, so where traces are left out, only re-asks and regenerations that
-- were reported have a rate.
select
    day,
    service,
    environment,
    feature,
    model,
    release,
    signal as series,
    shown as k,
    answers as n,
    k_weighted,
    n_weighted,
    n_effective,
    k_weighted / n_weighted as rate,
    low,
    high,
    prompt_version,
    c.k as k_by_bucket,
    c.n as n_by_bucket
from signal_counts as c
where
    day >= {since:Date}
    and day <= {until:Date}
    and hour = 0
    and not startsWith(signal, '(')
    and (day, version) in
    (
        select day, version
        from rollup_days final
        where rollup in ('signals', 'returning')
    )
