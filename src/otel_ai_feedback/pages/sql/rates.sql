-- How did each signal move from day to day, and how often did it follow the outputs of each model?
--
-- In one pass: `part` is a `day` of the chosen model, or of every model; `all` its days together; or a
-- `model` over all days. `others` is the rate of the other models, and `q_value` how sure the difference from
-- them is: by buckets of users, who may have used both (docs/statistics.md), and corrected for the number of
-- models by Benjamini and Hochberg (1995).
with
    summed as
    (
        select
            series,
            multiIf(grouping(model) = 0, 'model', grouping(day) = 0, 'day', 'all') as part,
            day,
            model,
            if(part = 'model', sum(r.k), sumIf(r.k, r.chosen)) as signals,
            if(part = 'model', sum(r.n), sumIf(r.n, r.chosen)) as outputs,
            arrayResize(
                if(
                    part = 'model',
                    sumForEach(r.k_by_bucket),
                    sumForEachIf(r.k_by_bucket, r.chosen)
                ),
                64
            ) as k,
            arrayResize(
                if(
                    part = 'model',
                    sumForEach(r.n_by_bucket),
                    sumForEachIf(r.n_by_bucket, r.chosen)
                ),
                64
            ) as n
        from
        (
            select *, {model:String} in ('', model) as chosen
            from signal_rates_within(since = {since:Date}, until = '2149-06-06')
            where
                ({service:String} = '' or service = {service:String})
                and ({environment:String} = '' or environment = {environment:String})
                and ({feature:String} = '' or feature = {feature:String})
        ) as r
        group by grouping sets ((series), (series, day), (series, model))
        having outputs > 0
    ),
    beside_others as
    (
        select
            *,
            arraySum(k) / arraySum(n) as rate,
            arrayMap((x, y) -> x - y, sumForEachIf(s.k, part = 'model') over one_signal, k) as other_k,
            arrayMap((x, y) -> x - y, sumForEachIf(s.n, part = 'model') over one_signal, n) as other_n,
            arraySum(other_k) / arraySum(other_n) as others,
            (arraySum(k) + arraySum(other_k)) / (arraySum(n) + arraySum(other_n)) as overall,
            least({{degrees(n)}}, {{degrees(other_n)}}) as df,
            (rate - others) * sqrt({{student(df)}}) / sqrt(greatest(
                overall * (1 - overall) * (1 / arraySum(n) + 1 / arraySum(other_n)),
                {{variance_of_difference(k, n, other_k, other_n)}}
            )) as z,
            if(part = 'model' and isFinite(z), erfc(abs(z) / sqrt(2)), null) as p_value
        from summed as s
        window one_signal as (partition by series)
    ),
    placed as
    (
        select
            *,
            countIf(p_value is not null) over (partition by series) as tests,
            row_number() over (partition by series order by p_value asc nulls last) as place
        from beside_others
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
    others,
    if(
        p_value is null,
        null,
        min(p_value * tests / place) over
        (
            partition by series
            order by place desc
            rows between unbounded preceding and current row
        )
    ) as q_value
from placed
order by series, part, day
