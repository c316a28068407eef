-- What caused incidents, month by month, as known at a given time?
-- Now: What causes incidents, month by month?
--
-- Of each round that was resolved, by the month in which that was; `accepted` are those accepted without a fix;
-- `confirmed` fixes were shown to have helped.
select
    toStartOfMonth(toDate(
        assumeNotNull(resolved_at),
        {{zone}}
    )) as month,
    service,
    environment,
    feature,
    if(ended_as = 'accepted', 'accepted', cause) as cause,
    count() as incidents,
    countIf(outcome = 'confirmed') as confirmed,
    countIf(outcome = 'not_confirmed') as not_confirmed
from incident_rounds_at(as_of = {as_of:DateTime64(3, 'UTC')})
where resolved_at is not null
group by month, service, environment, feature, cause
