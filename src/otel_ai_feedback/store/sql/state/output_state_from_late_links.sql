-- What actions say of the outputs that were found for them afterwards, by the thresholds of
-- `output_state_from_actions`.
create materialized view if not exists output_state_from_late_links to output_state as
with
    toNullable(toDateTime64(time, 3, 'UTC')) as at
select
    output_day,
    trace_id,
    span_id,
    if(action = 'seen', at, null) as seen_at,
    if(action = 'copy' and ifNull(value, 1) >= 0.5, at, null) as copied_at,
    if(action = 'copy' and ifNull(value, 1) < 0.5, at, null) as copied_part_at,
    if(action = 'edit', at, null) as edited_at,
    if(
        action = 'edit',
        (ifNull(checkpoint, 4294967295), assumeNotNull(at), toUInt8(ifNull(value, 0) > 0.33)),
        (0, toDateTime64(0, 3, 'UTC'), 0)
    ) as last_edit,
    if(action = 'accept', at, null) as accepted_at,
    if(action = 'insert', at, null) as inserted_at,
    if(action = 'share', at, null) as shared_at,
    if(action in ('reject', 'undo'), at, null) as rejected_at,
    if(action = 'reask', at, null) as reasked_at,
    if(action = 'regenerate', at, null) as regenerated_at,
    if(action = 'close' and ifNull(value, 0) < 0.5, at, null) as closed_at,
    if(action = 'rating', at, null) as rated_at,
    if(action = 'escalate', at, null) as escalated_at,
    now('UTC') as arrived
from late_links
