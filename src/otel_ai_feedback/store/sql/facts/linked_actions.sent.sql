-- What do some user actions say?
--
-- One worker knows the output of a request that another does not. When both report one action it stands
-- on two days, and the one that knows the output wins.
select
    action_id,
    output_day,
    toUnixTimestamp64Nano(s.time) as time,
    toDate(s.time, {{zone}}) as day,
    toDate(s.arrived, {{zone}}) as arrived_on,
    action,
    value,
    label,
    kept_share,
    checkpoint,
    scroll_depth,
    selected_share,
    method,
    source,
    browser,
    lost,
    reason,
    service,
    environment,
    feature,
    subject,
    conversation_id,
    session_id,
    response_id,
    output_hash,
    link_method,
    ambiguous,
    toBool(sampled) as sampled,
    multiIf(
        probe,
        'probe',
        {{implausible_time(s.time, s.arrived)}},
        'implausible time',
        ''
    ) as excluded,
    linked_trace_id,
    linked_span_id,
    trace_id,
    span_id
from action_state as s final
where
    action_id in {actions:Array(String)}
    and
    (
        output_day = toDate('1970-01-01')
        or output_day in {days:Array(Date)}
        or (output_day >= {since:Date} and output_day <= {until:Date})
    )
order by action_id, output_day
