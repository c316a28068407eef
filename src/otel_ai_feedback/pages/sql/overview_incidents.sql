-- Which incidents are open, and which were closed in the last four weeks?
select
    incident_id,
    service,
    environment,
    feature,
    rule,
    series,
    direction,
    segment_kind,
    segment,
    state,
    open,
    owner,
    due_at,
    overdue,
    opened_at,
    resolved_at,
    cause,
    outcome
from incidents as i
where
    (open or changed_at >= now64(3, 'UTC') - interval 28 day)
    and ({service:String} = '' or service = {service:String})
    and ({environment:String} = '' or environment = {environment:String})
    and ({feature:String} = '' or feature = {feature:String})
order by open desc, due_at, opened_at desc, incident_id
limit 200
