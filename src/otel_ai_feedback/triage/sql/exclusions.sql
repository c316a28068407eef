-- Which days of a series must be left out of references, and which no longer, because of an incident?
--
-- From the day it was opened to the day it was resolved, or far ahead while it is open. Of one that
-- was accepted none: its level is the right one. Only what is not there yet is written.
insert into drift_exclusions
    (service, environment, feature, series, from_day, to_day, incident_id, version)
with
    {{zone}} as zone,
    toDate('2149-06-06') as far,
    wanted as
    (
        select
            service,
            environment,
            feature,
            series,
            toDate(opened_at, zone) as from_day,
            multiIf(
                open, far,
                state = 'accepted', from_day - 1,
                toDate(assumeNotNull(resolved_at), zone)
            ) as to_day,
            incident_id,
            toUInt64(toUnixTimestamp64Milli(changed_at)) as version
        from incidents_at(as_of = {as_of:DateTime64(3, 'UTC')})
        where series != ''
    )
select wanted.*
from wanted
left join (select * from drift_exclusions final) as known
    on known.incident_id = wanted.incident_id
where
    known.incident_id = ''
    or (known.to_day != wanted.to_day and known.version < wanted.version)
