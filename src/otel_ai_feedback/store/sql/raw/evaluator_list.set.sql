-- Which names of results have a meaning from now on, as far as that is news?
--
-- Each is a list: name, kind, good, threshold.
insert into evaluator_list
with
    {evaluators:Array(Array(String))} as given
select
    row[1] as name,
    row[2] as kind,
    row[3] as good,
    toFloat64OrZero(row[4]) as threshold,
    row[2] != '' as listed,
    now64(3, 'UTC') as changed_at
from
(
    select arrayJoin(given) as row
    union all
    select [toString(name), '', '', '0'] as row
    from evaluator_list final
    where not arrayExists(evaluator -> evaluator[1] = name, given)
)
where (row[1], row[2], row[3], toFloat64OrZero(row[4])) not in
(
    select toString(name), toString(kind), toString(good), threshold
    from evaluator_list final
)
