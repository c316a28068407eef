-- What broke more than once in the 90 days before a given time, the worst first?
-- Now: What broke more than once in the last 90 days?
--
-- A rule, series and feature that had two incidents or more, or one that was reopened.
select
    service,
    environment,
    feature,
    rule,
    series,
    uniqExact(incident_id) as incidents,
    count() - incidents as reopened,
    countIf(acknowledged_in_time = false or resolved_in_time = false) as late,
    arraySort(arrayFilter(c -> c != '', groupUniqArray(toString(cause)))) as causes,
    max(opened_at) as last_opened_at
from incident_rounds_at(as_of = {as_of:DateTime64(3, 'UTC')})
where opened_at > {as_of:DateTime64(3, 'UTC')} - interval 90 day
group by service, environment, feature, rule, series
having count() > 1
