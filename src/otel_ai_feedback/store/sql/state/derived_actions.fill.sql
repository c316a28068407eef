-- Which re-asks and regenerations follow from the turns of some days, as settled at a given time?
--
-- Writes what is new or has changed, and withdraws what no longer follows; what is as it was found
-- before is not written again.
insert into derived_actions
select
    output_day,
    trace_id,
    span_id,
    action,
    time,
    value,
    next_output_id,
    service,
    environment,
    feature,
    conversation_id,
    if(action != '', matured_at, stored_matured_at) as matured_at,
    now64(9, 'UTC') as found_at
from
(
    select
        output_day,
        substring(output_id, 1, 32) as trace_id,
        substring(output_id, 34) as span_id,
        action,
        next_asked_at as time,
        if(action = 'reask', similarity, null) as value,
        next_output_id,
        service,
        environment,
        feature,
        conversation_id,
        matured_at
    from turn_pairs_within(
        as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
    )
    where matured and action != ''
) as found
full join
(
    select
        output_day,
        trace_id,
        span_id,
        action as stored_action,
        time as stored_time,
        value as stored_value,
        next_output_id as stored_next_output_id,
        matured_at as stored_matured_at
    from derived_actions final
    where
        action != ''
        and output_day >= {since:Date}
        and output_day <= {until:Date}
) as stored using (output_day, trace_id, span_id)
where
    (action, time, ifNull(value, -1), next_output_id)
    != (stored_action, stored_time, ifNull(stored_value, -1), stored_next_output_id)
    and (action != '' or stored_matured_at <= {as_of:DateTime64(3, 'UTC')})
