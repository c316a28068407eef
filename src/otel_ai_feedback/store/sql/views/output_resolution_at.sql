-- Which output does each LLM span stand for, and which output answered its request?
--
-- Two instrumentations, or an agent and its model call, report one text twice on nested spans: same
-- trace, same hash, the inner within the time of the outer, not siblings (parallel calls that answer
-- alike are two outputs). They are one output: the one that a handle or an action names, else the
-- outermost. A request is answered by its last output with text; if it has none, by its last failed
-- one; if it has neither, by its last.
with
    spans as
    (
        select
            trace_id,
            span_id,
            parent_span_id,
            request_span_id,
            feature,
            (request_seq, ended, span_id) as place,
            started,
            ended,
            ended - started as length,
            output_hash,
            has_text,
            failed,
            handled,
            request_handled,
            seen_at is not null as seen,
            handled or coalesce(
                seen_at, copied_at, copied_part_at, edited_at, accepted_at, inserted_at, shared_at,
                rejected_at, reasked_at, regenerated_at, closed_at, rated_at, escalated_at
            ) is not null as named
        from output_spans
        where started <= {as_of:DateTime64(3, 'UTC')}
    ),
    covered as
    (
        select
            *,
            max(ended) over outer_spans as outer_ended,
            argMax(span_id, ended) over outer_spans as outer_span_id,
            argMax(parent_span_id, ended) over outer_spans as outer_parent_span_id
        from spans
        window outer_spans as
        (
            partition by trace_id, output_hash
            order by started, ended desc, span_id
            rows between unbounded preceding and 1 preceding
        )
    ),
    nested as
    (
        select
            *,
            if(
                output_hash != '' and outer_span_id != '' and outer_ended >= ended
                and outer_parent_span_id != parent_span_id,
                outer_span_id,
                span_id
            ) as outermost_span_id
        from covered
    ),
    chosen as
    (
        select
            *,
            argMaxIf(span_id, (length, span_id), named) over nest as named_span_id,
            if(named_span_id != '', named_span_id, outermost_span_id) as output_span_id
        from nested
        window nest as (partition by trace_id, outermost_span_id)
    )
select
    trace_id,
    span_id,
    request_span_id,
    feature,
    output_span_id,
    coalesce(
        nullIf(argMaxIf(output_span_id, place, has_text) over request, ''),
        nullIf(argMaxIf(output_span_id, place, failed) over request, ''),
        argMax(output_span_id, place) over request
    ) as answer_span_id,
    output_span_id = answer_span_id as answers,
    max(has_text) over request as request_has_text,
    max(request_handled) over request as request_has_handle,
    max(failed) over request and not max(has_text and not failed) over request
        and not max(handled or seen) over request as request_failed_silently
from chosen
window request as (partition by trace_id, request_span_id)
