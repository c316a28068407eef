-- What stands in action_state once people have acted on every other output of states.sql?
--
-- One in twenty of these actions came without a link.
insert into action_state
(
    output_day, action_id, time, action, value, source, service, environment, feature, link_method,
    linked_trace_id, linked_span_id, trace_id, span_id, arrived
)
with
    ({first:UInt64} + number) * 2 as output,
    sipHash64(output) as draw,
    number % 20 != 0 as linked,
    toDateTime64({until:DateTime('UTC')}, 9, 'UTC')
        - toIntervalSecond(toUInt64(3600 + (output / {total:UInt64}) * {days:Float64} * 86400)) as start
select
    if(linked, toDate(start, 'UTC'), toDate('1970-01-01')) as output_day,
    lower(hex(sipHash128(output, 'action'))) as action_id,
    start + toIntervalSecond(20) as time,
    draw % 5 ? 'seen' : 'copy' as action,
    1 as value,
    'browser' as source,
    concat('service-', toString(draw % 5)) as service,
    'production' as environment,
    concat('feature-', toString(intDiv(draw, 5) % 10)) as feature,
    if(linked, 'handle', '') as link_method,
    if(linked, lower(hex(sipHash128(output, 'trace'))), '') as linked_trace_id,
    if(linked, lower(hex(sipHash64(output, 'span'))), '') as linked_span_id,
    lower(hex(sipHash128(output, 'action trace'))) as trace_id,
    lower(hex(sipHash64(output, 'action span'))) as span_id,
    toDateTime(start) + 24 as arrived
from numbers({rows:UInt64})
