-- What are the spans of some traces, with their details?
--
-- Days are those of UTC on which outputs started; spans of a trace that start more than two days apart
-- are not compared.
select
    trace_id,
    span_id,
    output_day,
    traffic,
    tagged = 1 and s.started is not null as is_output,
    parent_span_id,
    if(s.request_span_id = '', span_id, s.request_span_id) as request_span_id,
    request_seq,
    toUnixTimestamp64Nano(ifNull(s.started, toDateTime64(0, 9, 'UTC'))) as started,
    toUnixTimestamp64Nano(ifNull(s.ended, toDateTime64(0, 9, 'UTC'))) as ended,
    toUnixTimestamp64Milli(ifNull(s.ingested, toDateTime64(0, 3, 'UTC'))) as ingested,
    ifNull(
        {{implausible_time(s.started, s.arrived)}}
        or {{implausible_time(s.ended, s.arrived)}}
        or s.started < s.ingested - interval 400 day,
        false
    ) as is_implausible,
    toDate(
        if(is_implausible, toDateTime64(s.arrived, 9, 'UTC'), ifNull(s.started, toDateTime64(0, 9, 'UTC'))),
        {{zone}}
    ) as day,
    service,
    environment,
    coalesce(nullIf(s.feature, ''), nullIf(agent, ''), service) as feature,
    model,
    release,
    prompt_version,
    conversation_id,
    response_id,
    subject,
    output_hash,
    output_length,
    input_hash,
    input_sketch,
    text_rate,
    toBool(voice) as voice,
    if(empty(sampling), 1., sampling[2]) as weight,
    ['unknown', 'sampler', 'resource', 'threshold'][toUInt8(sampling[1]) + 1] as weight_source,
    toBool(output_hash != '' or ifNull(output_length, 0) > 0) as has_text,
    toBool(error or ifNull(output_length = 0, false)) as failed,
    toBool(bitTest(handles, 0)) as handled,
    toBool(bitTest(handles, 1)) as request_handled,
    done,
    last_edit,
    toUnixTimestamp(arrived) as arrived,
    sipHash64(subject) % 64 as bucket_of_subject,
    sipHash64(conversation_id) % 64 as bucket_of_conversation,
    sipHash64(concat(trace_id, '-', span_id)) % 64 as bucket_of_output
from output_state as s final
where
    output_day >= {since:Date}
    and output_day <= {until:Date}
    and trace_id in {traces:Array(String)}
order by trace_id, output_day, span_id
