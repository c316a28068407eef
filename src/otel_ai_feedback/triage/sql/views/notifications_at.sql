-- Who was notified of which incident, and was it delivered, as known at a given time?
-- Now: Who was notified of which incident, and was it delivered?
--
-- state: `sending`, `sent`, `failed` (it will be retried), `given_up`, `unknown` (the process
-- ended while sending, and a person has to check), `again` (a person asked for another try).
-- `arrived` is a person's answer about an unknown one.
with
    events as
    (
        select *
        from notification_events final
        where at <= {as_of:DateTime64(3, 'UTC')}
    )
select
    notification_id,
    events.incident_id as incident_id,
    any(incidents.service) as service,
    any(incidents.environment) as environment,
    any(incidents.feature) as feature,
    any(events.step) as step,
    argMax(events.person, events.at) as person,
    argMax(events.channel, events.at) as channel,
    min(events.due_at) as due_at,
    min(events.at) as first_tried_at,
    max(events.at) as last_at,
    max(events.attempt) as attempts,
    argMax(
        if(phase = 'intent', 'sending', phase),
        (attempt, transform(
            phase,
            ['intent', 'unknown', 'failed', 'sent', 'given_up', 'again', 'arrived'],
            [0, 1, 2, 3, 4, 5, 6],
            0
        ))
    ) as state
from events
left join incidents_at(as_of = {as_of:DateTime64(3, 'UTC')}) as incidents
    on incidents.incident_id = events.incident_id
group by notification_id, events.incident_id
