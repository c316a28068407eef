-- What stands in output_state once a number of outputs have come in, spread evenly over some days?
--
-- Written there directly, one output a request, without the raw spans: ids as random as real ones.
insert into output_state
(
    output_day, trace_id, span_id, tagged, started, ended, ingested, model, service, environment,
    release, feature, conversation_id, subject, output_hash, output_length, request_span_id, request_seq, handles,
    done, arrived
)
with
    {first:UInt64} + number as output,
    sipHash64(output) as draw,
    toDateTime64({until:DateTime('UTC')}, 9, 'UTC')
        - toIntervalSecond(toUInt64(3600 + (output / {total:UInt64}) * {days:Float64} * 86400)) as start
select
    toDate(start, 'UTC') as output_day,
    lower(hex(sipHash128(output, 'trace'))) as trace_id,
    lower(hex(sipHash64(output, 'span'))) as span_id,
    1 as tagged,
    start as started,
    start + toIntervalSecond(2) as ended,
    toDateTime64(start, 3) + toIntervalSecond(3) as ingested,
    ['gpt-4o', 'gpt-4o-mini', 'claude-3-5-sonnet', 'llama-3.1-70b'][draw % 4 + 1] as model,
    concat('service-', toString(draw % 5)) as service,
    'production' as environment,
    '1.4' as release,
    concat('feature-', toString(intDiv(draw, 5) % 10)) as feature,
    lower(hex(sipHash128(intDiv(output, 3), 'conversation'))) as conversation_id,
    '' as subject,
    concat('hmac-sha256:', lower(hex(sipHash128(output, 'text')))) as output_hash,
    200 + draw % 3000 as output_length,
    lower(hex(sipHash64(output, 'root'))) as request_span_id,
    1 as request_seq,
    draw % 2 as handles,
    mapFilter((_, at) -> draw % 5 = 0, map('copied', toDateTime64(start, 3) + toIntervalSecond(20)))
        as done,
    toDateTime(start) + 4 as arrived
from numbers({rows:UInt64})
