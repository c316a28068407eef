-- What is known of each output, delivered or not, at a given time?
--
-- One row is one output: the spans that repeat one text are merged, and what was done with a request
-- whose output the sender did not know is put to the output that answered it. The times are those at
-- which each thing was first done, however late; `outputs_at` says which of them count.
with
    requests as
    (
        select
            trace_id,
            request_span_id,
            max(handled) as request_state_handled,
            min(seen_at) as request_seen_at,
            min(copied_at) as request_copied_at,
            min(copied_part_at) as request_copied_part_at,
            min(edited_at) as request_edited_at,
            min(edited_heavily_at) as request_edited_heavily_at,
            min(accepted_at) as request_accepted_at,
            min(inserted_at) as request_inserted_at,
            min(shared_at) as request_shared_at,
            min(rejected_at) as request_rejected_at,
            min(reasked_at) as request_reasked_at,
            min(regenerated_at) as request_regenerated_at,
            min(closed_at) as request_closed_at,
            min(rated_at) as request_rated_at,
            min(escalated_at) as request_escalated_at
        from request_state
        group by trace_id, request_span_id
    ),
    spans as
    (
        select
            *,
            span_id = output_span_id as own
        from output_spans
        inner join
        (
            select
                trace_id,
                span_id,
                output_span_id,
                answers,
                request_has_text,
                request_has_handle,
                request_failed_silently
            from output_resolution_at(as_of = {as_of:DateTime64(3, 'UTC')})
        ) as resolved using (trace_id, span_id)
        left join requests using (trace_id, request_span_id)
    )
select
    trace_id,
    output_span_id,
    argMax(output_day, own) as output_day,
    argMax(request_span_id, own) as request_span_id,
    argMax(started, own) as started,
    argMax(ended, own) as ended,
    argMax(ingested, own) as ingested,
    argMax(day, own) as day,
    argMax(service, own) as service,
    argMax(environment, own) as environment,
    argMax(feature, own) as feature,
    argMax(release, own) as release,
    argMax(output_hash, own) as output_hash,
    argMax(tuple(output_length), own).1 as output_length,
    argMax(failed, own) as failed,
    -- an agent's span often lacks what the model call inside it carries
    argMax(model, (model != '', own, model)) as model,
    argMax(conversation_id, (conversation_id != '', own, conversation_id)) as conversation_id,
    argMax(response_id, (response_id != '', own, response_id)) as response_id,
    argMax(subject, (subject != '', own, subject)) as subject,
    argMax(input_hash, (input_hash != '', own, input_hash)) as input_hash,
    argMax(input_sketch, (input_sketch != '', own, input_sketch)) as input_sketch,
    max(arrived) as arrived,
    max(handled) or max(answers and (request_has_handle or request_state_handled)) as named,
    max(answers and request_has_text) as last_with_text,
    max(answers and request_failed_silently) as last_failed,
    least(
        minIf(seen_at, seen_at <= {as_of:DateTime64(3, 'UTC')}),
        minIf(request_seen_at, answers and request_seen_at <= {as_of:DateTime64(3, 'UTC')})
    ) as seen_at,
    least(min(copied_at), minIf(request_copied_at, answers)) as copied_at,
    least(min(copied_part_at), minIf(request_copied_part_at, answers)) as copied_part_at,
    least(min(edited_at), minIf(request_edited_at, answers)) as edited_at,
    least(min(edited_heavily_at), minIf(request_edited_heavily_at, answers))
        as edited_heavily_at,
    least(min(accepted_at), minIf(request_accepted_at, answers)) as accepted_at,
    least(min(inserted_at), minIf(request_inserted_at, answers)) as inserted_at,
    least(min(shared_at), minIf(request_shared_at, answers)) as shared_at,
    least(min(rejected_at), minIf(request_rejected_at, answers)) as rejected_at,
    least(min(reasked_at), minIf(request_reasked_at, answers)) as reasked_at,
    least(min(regenerated_at), minIf(request_regenerated_at, answers)) as regenerated_at,
    least(min(closed_at), minIf(request_closed_at, answers)) as closed_at,
    least(min(rated_at), minIf(request_rated_at, answers)) as rated_at,
    least(min(escalated_at), minIf(request_escalated_at, answers)) as escalated_at
from spans
group by trace_id, output_span_id
