-- How many evaluations arrived each day, how many were refused and why, and how many match no output?
with
    known as
    (
        select
            toDate(time, {{zone}}) as day,
            carrier,
            service,
            environment,
            refused,
            evaluation_id
        from evaluation_state final
        where probe = 0
    )
select
    known.day as day,
    known.carrier as carrier,
    known.service as service,
    known.environment as environment,
    count() as results,
    countIf(refused = '' and facts.output_id = '') as unlinked,
    countIf(refused = 'name') as bad_name,
    countIf(refused = 'score') as bad_score,
    countIf(refused = 'label') as bad_label,
    countIf(refused = 'empty') as without_result,
    countIf(refused = 'automatic') as automatic
from known
left join
(
    select evaluation_id, output_id
    from evaluation_facts final
) as facts on facts.evaluation_id = known.evaluation_id
group by day, carrier, service, environment
