-- What had to be answered at a given time, by whom and by when?
-- Now: What has to be answered, by whom and by when?
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
