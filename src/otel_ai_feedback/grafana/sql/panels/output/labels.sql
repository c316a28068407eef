-- What did the reader who counts say of this output, and with which probability was it drawn?
select
    reviewer,
    label,
    arrayStringConcat(modes, ', ') as modes,
    decided_at,
    drawn.inclusion_probability as inclusion_probability,
    drawn.stratum as stratum,
    count() over () as n
from labels_at(as_of = toTimeZone($__toTime_ms, 'UTC')) as labels
left join review_draw as drawn on drawn.output_id = labels.output_id
where labels.output_id = ${output_id:singlequote}
