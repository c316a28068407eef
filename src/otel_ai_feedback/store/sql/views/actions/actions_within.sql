-- Which user actions were there on some days, and on which output, as known at a given time?
--
-- `since` and `until` are days of the actions. One row is one action, once however often it was
-- delivered. `output_id` is empty while the action is not linked. `sampled` is false when the handle
-- says that the output was not sampled, `output_arrived` when its span is not here. Actions with the
-- source `derived` were found by pairing turns. `lost` is how many actions the page could not deliver
-- since it last reported that, with the name of the `browser`; `reason` is the code that the user chose.
select
    action_id,
    time,
    day,
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
    output_id,
    link_method,
    ambiguous,
    sampled,
    output_arrived,
    service,
    environment,
    feature,
    subject,
    conversation_id,
    session_id,
    response_id,
    output_hash,
    trace_id,
    span_id
from linked_actions final
where
    present
    and day >= {since:Date}
    and day <= {until:Date}
    and time <= {as_of:DateTime64(3, 'UTC')}
union all
select
    lower(hex(MD5(concat(action, d.trace_id, '-', d.span_id, next_output_id)))) as action_id,
    time,
    assumeNotNull(toDate(
        time, {{zone}}
    )) as day,
    action,
    value,
    '' as label,
    null as kept_share,
    null as checkpoint,
    null as scroll_depth,
    null as selected_share,
    '' as method,
    'derived' as source,
    '' as browser,
    0 as lost,
    '' as reason,
    concat(d.trace_id, '-', d.span_id) as output_id,
    '' as link_method,
    0 as ambiguous,
    true as sampled,
    true as output_arrived,
    service,
    environment,
    feature,
    '' as subject,
    conversation_id,
    '' as session_id,
    '' as response_id,
    '' as output_hash,
    '' as trace_id,
    '' as span_id
from derived_actions as d final
where
    action != ''
    and output_day >= toDate(greatest(toInt32({since:Date}) - 2, 0))
    and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
    and day >= {since:Date}
    and day <= {until:Date}
    and time <= {as_of:DateTime64(3, 'UTC')}
