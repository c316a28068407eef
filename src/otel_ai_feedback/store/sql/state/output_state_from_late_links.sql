-- What actions say of the outputs that were found for them afterwards, by the thresholds of
-- `output_state_from_actions`.
create materialized view if not exists output_state_from_late_links to output_state as
with
    toDateTime64(time, 3, 'UTC') as at
select
    output_day,
    trace_id,
    span_id,
    {{done}} as done,
    if(
        action = 'edit',
        (ifNull(checkpoint, 4294967295), at, toUInt8(ifNull(value, 0) > 0.33)),
        (0, toDateTime64(0, 3, 'UTC'), 0)
    ) as last_edit,
    now('UTC') as arrived
from late_links
