-- How fast were the incidents of each service acknowledged in the last 90 days, by severity?
select
    service,
    environment,
    feature,
    severity,
    incidents,
    acknowledged_in_time,
    median_ack_seconds,
    p90_ack_seconds,
    median_resolve_seconds
from response_times
where window_days = 90 and owner = '' and severity != '' and service != ''
