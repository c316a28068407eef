-- How soon were incidents of the time range acknowledged and resolved, by owner and severity?
select
    owner,
    severity,
    countIf(acknowledged_at <= acknowledge_due)
        / countIf(
            acknowledged_at is not null or acknowledge_due < toTimeZone($__toTime_ms, 'UTC')
        ) as acknowledged_in_time,
    quantileExactIf(.5)(dateDiff('second', round_at, acknowledged_at), acknowledged_at is not null)
        as median_acknowledged,
    quantileExactIf(.5)(dateDiff('second', round_at, resolved_at), resolved_at is not null)
        as median_resolved,
    count() as n
from incidents_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__timeFilter(opened_at)
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
group by owner, severity
order by n desc
limit 500
