-- What did people do on some days, and with which output, for a warehouse?
select
    day,
    action_id,
    time,
    output_id,
    action,
    value,
    label,
    reason,
    kept_share,
    checkpoint,
    scroll_depth,
    selected_share,
    method,
    source,
    browser,
    link_method,
    ambiguous,
    sampled,
    output_arrived,
    service,
    environment,
    feature,
    subject,
    conversation_id,
    session_id
from actions_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
)
