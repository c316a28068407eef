-- How often does each judge agree with reviewers, of answers that both have judged?
select
    evaluations.name,
    evaluations.evaluator,
    count(*) as answers,
    avg((evaluations.passed = (labels.verdict = 'good'))::integer) as agreement
from {{ source('ai_feedback', 'evaluations') }} as evaluations
inner join {{ source('ai_feedback', 'labels') }} as labels using (output_id)
where evaluations.kind = 'judge' and labels.verdict in ('good', 'bad')
group by all
