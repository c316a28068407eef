-- What are the counts of each signal: by day, by model, and of all days together?
--
-- `part` is a `day` of the chosen model, or of every model; `all` its days together; or a `model` over all
-- days, with its buckets of users, by which it is compared with the others.
with summed as
(
    select
        series,
        multiIf(grouping(model) = 0, 'model', grouping(day) = 0, 'day', 'all') as part,
        day,
        model,
        {model:String} in ('', model) as chosen,
        sum(r.k) as signals,
        sum(r.n) as outputs,
        sumForEach(r.k_by_bucket) as k,
        sumForEach(r.n_by_bucket) as n
    from signal_rates_within(since = {since:Date}, until = '2149-06-06') as r
    where
        ({service:String} = '' or service = {service:String})
        and ({environment:String} = '' or environment = {environment:String})
        and ({feature:String} = '' or feature = {feature:String})
    group by grouping sets ((series, chosen), (series, day, chosen), (series, model))
    having part = 'model' or chosen
)
select
    series,
    part,
    day,
    model,
    signals,
    outputs,
    arraySum(k) as k_weighted,
    arraySum(n) as n_weighted,
    {{n_effective(k, n, outputs)}} as n_effective,
    if(part = 'model', arrayResize(k, 64), []) as buckets_k,
    if(part = 'model', arrayResize(n, 64), []) as buckets_n
from summed
order by series, part, day
