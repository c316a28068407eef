-- What are the response times of the last 90 days, by owner and severity?
select
    if(owner = '', 'all', owner) as owner,
    if(severity = '', 'all', severity) as severity,
    acknowledged_in_time,
    acknowledged_low as low,
    acknowledged_high as high,
    resolved_in_time,
    median_ack_seconds,
    p90_ack_seconds,
    median_resolve_seconds,
    incidents as n
from response_times_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    window_days = 90
    and service = ''
    and environment = ''
    and feature = ''
order by n desc, owner, severity
limit 500
