-- How fast are incidents acknowledged and resolved, by owner and severity, and what share in time?
-- Now: How fast are incidents acknowledged and resolved as of now, by owner and severity?
-- Kept: always, 5 minutes, at once when changed
--
-- Over those opened in the last 28, 90 and 365 days. An empty service means every feature, an empty
-- owner or severity all of them. Times are wall-clock seconds, as users wait; whether something
-- was in time depends on deadlines, which count business hours. Shares have the 95 % Wilson interval;
-- what is not due yet is in none.
with
    counted as
    (
        select
            span as window_days,
            part.1 as service,
            part.2 as environment,
            part.3 as feature,
            person as owner,
            grade as severity,
            count() as incidents,
            countIf(acknowledged_in_time is not null) as acknowledge_due,
            countIf(acknowledged_in_time = true) as acknowledged,
            countIf(resolved_in_time is not null) as resolve_due,
            countIf(resolved_in_time = true) as resolved,
            quantileExactOrNull(.5)(acknowledge_seconds) as median_ack_seconds,
            quantileExactOrNull(.9)(acknowledge_seconds) as p90_ack_seconds,
            quantileExactOrNull(.5)(resolve_seconds) as median_resolve_seconds,
            quantileExactOrNull(.9)(resolve_seconds) as p90_resolve_seconds
        from incident_rounds_at(as_of = {as_of:DateTime64(3, 'UTC')}) as rounds
        array join [28, 90, 365] as span
        array join
            arrayDistinct([
                ('', '', ''),
                (toString(rounds.service), toString(rounds.environment), toString(rounds.feature))
            ]) as part
        array join arrayDistinct(['', toString(rounds.owner)]) as person
        array join arrayDistinct(['', toString(rounds.severity)]) as grade
        where opened_at > {as_of:DateTime64(3, 'UTC')} - toIntervalDay(span)
        group by window_days, part, owner, severity
    )
select
    window_days,
    service,
    environment,
    feature,
    owner,
    severity,
    incidents,
    acknowledge_due,
    acknowledged / nullIf(acknowledge_due, 0) as acknowledged_in_time,
    if(acknowledge_due > 0, {{wilson_low(acknowledged_in_time, acknowledge_due)}}, null) as acknowledged_low,
    if(acknowledge_due > 0, {{wilson_high(acknowledged_in_time, acknowledge_due)}}, null) as acknowledged_high,
    resolve_due,
    resolved / nullIf(resolve_due, 0) as resolved_in_time,
    if(resolve_due > 0, {{wilson_low(resolved_in_time, resolve_due)}}, null) as resolved_low,
    if(resolve_due > 0, {{wilson_high(resolved_in_time, resolve_due)}}, null) as resolved_high,
    median_ack_seconds,
    p90_ack_seconds,
    median_resolve_seconds,
    p90_resolve_seconds
from counted
