-- How did each signal move from day to day, and how often did it follow the outputs of each model?
--
-- Both in one pass. Rows with `by_day` are one day of the chosen model,
-- or of all; the others are one model over all days, for the comparison.
select
    series,
    grouping(model) = 1 as by_day,
    day,
    model,
    if(by_day, sumIf(k, {model:String} in ('', model)), sum(k)) as signals,
    if(by_day, sumIf(n, {model:String} in ('', model)), sum(n)) as outputs,
    if(by_day, sumIf(k_weighted, {model:String} in ('', model)), sum(k_weighted)) as k_weighted,
    if(by_day, sumIf(n_weighted, {model:String} in ('', model)), sum(n_weighted)) as n_weighted,
    n_weighted * n_weighted / if(
        by_day,
        sumIf(squares, {model:String} in ('', model)),
        sum(squares)
    ) as n_effective
from
(
    select *, n_weighted * n_weighted / n_effective as squares
    from signal_rates_within(since = {since:Date}, until = '2149-06-06')
)
where
    ({service:String} = '' or service = {service:String})
    and ({environment:String} = '' or environment = {environment:String})
    and ({feature:String} = '' or feature = {feature:String})
group by grouping sets ((series, day), (series, model))
having outputs > 0
order by series, by_day, day
