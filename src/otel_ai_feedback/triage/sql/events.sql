-- What happened to an incident, in order?
select
    event_id,
    at,
    kind,
    author,
    rota,
    owner,
    acknowledge_due,
    resolve_due,
    cause,
    moves,
    check_day,
    note,
    details
from incident_events final
where incident_id = {incident_id:String} and at <= {as_of:DateTime64(3, 'UTC')}
order by at, event_id
