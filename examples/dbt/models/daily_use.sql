-- Of how many answers was any use each day, by feature and model?
select
    day,
    service,
    feature,
    model,
    sum(weight) as answers,
    sum(if(class in ('used', 'used_edited', 'used_part', 'used_reask'), weight, 0)) as used
from {{ source('ai_feedback', 'outputs') }}
where matured
group by all
