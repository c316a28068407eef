-- Which spans are LLM outputs, and what are the details of each?
--
-- Every tagged LLM span that has arrived, delivered or not: the calls of an agent's tool loop, too.
-- What was announced by an action or an event, but whose span never came, is left out, and so is a
-- trace in which a span says that it was made by a synthetic probe. `weight` is for how many outputs
-- a span stands under head sampling, as `weight_source` says.
select
    concat(trace_id, '-', span_id) as output_id,
    output_day,
    trace_id,
    span_id,
    parent_span_id,
    if(request_span_id = '', span_id, request_span_id) as request_span_id,
    request_seq,
    assumeNotNull(started) as started,
    assumeNotNull(ended) as ended,
    ifNull(ingested, ended) as ingested,
    assumeNotNull(toDate(
        started,
        {{zone}}
    )) as day,
    service,
    environment,
    coalesce(nullIf(feature, ''), nullIf(agent, ''), service) as feature,
    model,
    release,
    conversation_id,
    response_id,
    subject,
    output_hash,
    output_length,
    input_hash,
    input_sketch,
    text_rate,
    if(empty(sampling), 1., sampling[2]) as weight,
    ['unknown', 'sampler', 'resource', 'threshold'][toUInt8(sampling[1]) + 1] as weight_source,
    prompt_version,
    voice,
    output_hash != '' or ifNull(output_length, 0) > 0 as has_text,
    error or ifNull(output_length = 0, false) as failed,
    bitTest(handles, 0) as handled,
    bitTest(handles, 1) as request_handled,
    if(mapContains(done, 'seen'), toNullable(done['seen']), null) as seen_at,
    if(mapContains(done, 'copied'), toNullable(done['copied']), null) as copied_at,
    if(mapContains(done, 'copied_part'), toNullable(done['copied_part']), null) as copied_part_at,
    if(mapContains(done, 'edited'), toNullable(done['edited']), null) as edited_at,
    last_edit,
    if(mapContains(done, 'accepted'), toNullable(done['accepted']), null) as accepted_at,
    if(mapContains(done, 'inserted'), toNullable(done['inserted']), null) as inserted_at,
    if(mapContains(done, 'shared'), toNullable(done['shared']), null) as shared_at,
    if(mapContains(done, 'rejected'), toNullable(done['rejected']), null) as rejected_at,
    if(mapContains(done, 'reasked'), toNullable(done['reasked']), null) as reasked_at,
    if(mapContains(done, 'regenerated'), toNullable(done['regenerated']), null) as regenerated_at,
    if(mapContains(done, 'closed'), toNullable(done['closed']), null) as closed_at,
    if(mapContains(done, 'rated'), toNullable(done['rated']), null) as rated_at,
    if(mapContains(done, 'escalated'), toNullable(done['escalated']), null) as escalated_at,
    arrived
from output_state final
where
    tagged = 1
    and output_state.started is not null
    and trace_id not in (select trace_id from output_state where traffic != '')
