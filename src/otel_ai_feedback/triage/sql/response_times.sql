-- How fast were incidents of a window answered and resolved, all groups together?
select
    owner,
    severity,
    incidents,
    acknowledge_due,
    acknowledged_in_time,
    acknowledged_low,
    acknowledged_high,
    resolve_due,
    resolved_in_time,
    resolved_low,
    resolved_high,
    median_ack_seconds,
    p90_ack_seconds,
    median_resolve_seconds
from response_times_at(as_of = now64(3, 'UTC'))
where
    window_days = {days:UInt16}
    and service = ''
    and environment = ''
    and feature = ''
order by incidents desc, owner, severity
