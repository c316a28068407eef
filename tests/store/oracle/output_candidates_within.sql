-- What are the details of each output of some days, delivered or not, at a given time?
--
-- One row is one output: the spans that repeat one text are merged, and actions on a request
-- whose output the sender did not know is put to the output that answered it. The times are those at
-- which each thing was first done, however late; `outputs_within` says which of them count. Of the
-- traces `traces`, or of all where that is empty.
with
    repeated as
    (
        select *
        from oracle_repeated_spans_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = {since:Date},
            until = {until:Date},
            traces = {traces:Array(String)}
        )
    ),
    -- what the other spans of an output say: an agent's span often lacks what the model call inside
    -- it carries
    repeats as
    (
        select
            trace_id,
            output_span_id,
            max(model) as inner_model,
            max(prompt_version) as inner_prompt_version,
            max(voice) as inner_voice,
            max(conversation_id) as inner_conversation_id,
            max(response_id) as inner_response_id,
            max(subject) as inner_subject,
            max(input_hash) as inner_input_hash,
            max(input_sketch) as inner_input_sketch,
            max(arrived) as inner_arrived,
            max(handled) as inner_handled,
            min(seen_at) as inner_seen_at,
            min(copied_at) as inner_copied_at,
            min(copied_part_at) as inner_copied_part_at,
            min(edited_at) as inner_edited_at,
            max(last_edit) as inner_last_edit,
            min(accepted_at) as inner_accepted_at,
            min(inserted_at) as inner_inserted_at,
            min(shared_at) as inner_shared_at,
            min(rejected_at) as inner_rejected_at,
            min(reasked_at) as inner_reasked_at,
            min(regenerated_at) as inner_regenerated_at,
            min(closed_at) as inner_closed_at,
            min(rated_at) as inner_rated_at,
            min(escalated_at) as inner_escalated_at
        from oracle_output_spans
        inner join repeated using (trace_id, span_id)
        where
            output_day >= toDate(greatest(toInt32({since:Date}) - 2, 0))
            and output_day <= toDate(least(toInt32({until:Date}) + 2, 65535))
            and (empty({traces:Array(String)}) or trace_id in {traces:Array(String)})
        group by trace_id, output_span_id
    ),
    -- the details of the requests that an output answered
    requests as
    (
        select
            trace_id,
            answer_span_id as output_span_id,
            min(asked_at) as request_asked_at,
            max(request_has_text) as last_with_text,
            max(request_failed_silently) as last_failed,
            max(request_has_handle or handled) as request_named,
            min(seen_at) as request_seen_at,
            min(copied_at) as request_copied_at,
            min(copied_part_at) as request_copied_part_at,
            min(edited_at) as request_edited_at,
            max(last_edit) as request_last_edit,
            min(accepted_at) as request_accepted_at,
            min(inserted_at) as request_inserted_at,
            min(shared_at) as request_shared_at,
            min(rejected_at) as request_rejected_at,
            min(reasked_at) as request_reasked_at,
            min(regenerated_at) as request_regenerated_at,
            min(closed_at) as request_closed_at,
            min(rated_at) as request_rated_at,
            min(escalated_at) as request_escalated_at
        from oracle_request_answers_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = {since:Date},
            until = {until:Date},
            traces = {traces:Array(String)}
        )
        left join
        (
            select
                trace_id,
                request_span_id,
                handled,
                last_edit,
                if(mapContains(request_state.done, 'seen'), toNullable(request_state.done['seen']), null) as seen_at,
                if(mapContains(request_state.done, 'copied'), toNullable(request_state.done['copied']), null) as copied_at,
                if(mapContains(request_state.done, 'copied_part'), toNullable(request_state.done['copied_part']), null) as copied_part_at,
                if(mapContains(request_state.done, 'edited'), toNullable(request_state.done['edited']), null) as edited_at,
                if(mapContains(request_state.done, 'accepted'), toNullable(request_state.done['accepted']), null) as accepted_at,
                if(mapContains(request_state.done, 'inserted'), toNullable(request_state.done['inserted']), null) as inserted_at,
                if(mapContains(request_state.done, 'shared'), toNullable(request_state.done['shared']), null) as shared_at,
                if(mapContains(request_state.done, 'rejected'), toNullable(request_state.done['rejected']), null) as rejected_at,
                if(mapContains(request_state.done, 'reasked'), toNullable(request_state.done['reasked']), null) as reasked_at,
                if(mapContains(request_state.done, 'regenerated'), toNullable(request_state.done['regenerated']), null) as regenerated_at,
                if(mapContains(request_state.done, 'closed'), toNullable(request_state.done['closed']), null) as closed_at,
                if(mapContains(request_state.done, 'rated'), toNullable(request_state.done['rated']), null) as rated_at,
                if(mapContains(request_state.done, 'escalated'), toNullable(request_state.done['escalated']), null) as escalated_at
            from request_state
            where
                day >= toDate(greatest(toInt32({since:Date}) - 2, 0))
                and (empty({traces:Array(String)}) or trace_id in {traces:Array(String)})
        ) as sent using (trace_id, request_span_id)
        group by trace_id, answer_span_id
    )
select
    trace_id,
    output_span_id,
    output_day,
    request_span_id,
    started,
    ended,
    ingested,
    day,
    service,
    environment,
    feature,
    release,
    output_hash,
    output_length,
    failed,
    weight,
    weight_source,
    -- an output that answered no request of its own was asked for when it began
    if(toUnixTimestamp64Nano(request_asked_at) = 0, started, request_asked_at) as asked_at,
    voice or inner_voice as voice,
    if(model = '', inner_model, model) as model,
    if(prompt_version = '', inner_prompt_version, prompt_version) as prompt_version,
    if(conversation_id = '', inner_conversation_id, conversation_id) as conversation_id,
    if(response_id = '', inner_response_id, response_id) as response_id,
    if(subject = '', inner_subject, subject) as subject,
    if(input_hash = '', inner_input_hash, input_hash) as input_hash,
    if(input_sketch = '', inner_input_sketch, input_sketch) as input_sketch,
    greatest(arrived, inner_arrived) as arrived,
    handled or inner_handled or request_named as named,
    last_with_text,
    last_failed,
    if(
        least(s.seen_at, inner_seen_at, request_seen_at) <= {as_of:DateTime64(3, 'UTC')},
        least(s.seen_at, inner_seen_at, request_seen_at),
        null
    ) as seen_at,
    least(s.copied_at, inner_copied_at, request_copied_at) as copied_at,
    least(s.copied_part_at, inner_copied_part_at, request_copied_part_at) as copied_part_at,
    least(s.edited_at, inner_edited_at, request_edited_at) as edited_at,
    greatest(s.last_edit, inner_last_edit, request_last_edit) as edit_that_counts,
    if(edit_that_counts.3 = 1, toNullable(edit_that_counts.2), null) as edited_heavily_at,
    least(s.accepted_at, inner_accepted_at, request_accepted_at) as accepted_at,
    least(s.inserted_at, inner_inserted_at, request_inserted_at) as inserted_at,
    least(s.shared_at, inner_shared_at, request_shared_at) as shared_at,
    least(s.rejected_at, inner_rejected_at, request_rejected_at) as rejected_at,
    least(s.reasked_at, inner_reasked_at, request_reasked_at) as reasked_at,
    least(s.regenerated_at, inner_regenerated_at, request_regenerated_at) as regenerated_at,
    least(s.closed_at, inner_closed_at, request_closed_at) as closed_at,
    least(s.rated_at, inner_rated_at, request_rated_at) as rated_at,
    least(s.escalated_at, inner_escalated_at, request_escalated_at) as escalated_at
from
(
    select
        * except (span_id),
        span_id as output_span_id
    from oracle_output_spans
    where
        day >= {since:Date}
        and day <= {until:Date}
        and output_day >= toDate(greatest(toInt32({since:Date}) - 1, 0))
        and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
        and started <= {as_of:DateTime64(3, 'UTC')}
        and (empty({traces:Array(String)}) or trace_id in {traces:Array(String)})
        and (trace_id, span_id) not in (select trace_id, span_id from repeated)
) as s
left any join repeats using (trace_id, output_span_id)
left any join requests using (trace_id, output_span_id)
