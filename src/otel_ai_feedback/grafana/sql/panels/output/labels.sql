-- Which verdict counts for this answer, and how likely was it to be sampled?
select
    reviewer,
    label,
    arrayStringConcat(modes, ', ') as modes,
    decided_at,
    sampled.inclusion_probability as inclusion_probability,
    sampled.stratum as stratum,
    count() over () as n
from labels_at(as_of = toTimeZone($__toTime_ms, 'UTC')) as labels
left join review_draw as sampled on sampled.output_id = labels.output_id
where labels.output_id = ${output_id:singlequote}
