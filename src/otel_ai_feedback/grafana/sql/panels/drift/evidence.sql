-- What is the drift score of the selected signal, and where is the threshold?
with {{zone}} as zone
select
    toDateTime(day, zone) as time,
    arrayStringConcat(
        arrayDistinct([toString(service), toString(environment), toString(feature)]), ' '
    ) as `group`,
    s_down as fell,
    s_up as rose,
    threshold,
    n
from drift_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'), since = toDate(toTimeZone($__fromTime, 'UTC'))
)
where
    segment_kind = 'all'
    and series in (${series:singlequote})
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by time, `group`
