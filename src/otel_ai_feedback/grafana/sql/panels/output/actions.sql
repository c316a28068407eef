-- What did people do with this output?
select
    time,
    toString(action) as action,
    value,
    label,
    source,
    link_method,
    ambiguous,
    count() over () as n
from actions_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where output_id = ${output_id:singlequote}
order by time
limit 500
