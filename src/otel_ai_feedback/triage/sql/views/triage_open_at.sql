-- Which incidents were open at a given time, with which owner and deadline?
-- Now: Which incidents are open, with which owner and deadline?
select
    incident_id,
    opened_at,
    service,
    environment,
    feature,
    rule as alert,
    severity,
    owner,
    state,
    due_at,
    overdue
from incidents_at(as_of = {as_of:DateTime64(3, 'UTC')})
where open
