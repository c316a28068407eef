-- Which output answered each request?
--
-- Of those with text the last that a handle named, as the service knows what it sent; else the last.
-- If none has text, its last failed one; if none failed, its last.
-- `asked_at` is when its first model call began. Of the traces `traces`, or of all where that is empty.
select
    trace_id,
    request_span_id,
    coalesce(
        nullIf(argMaxIf(output_span_id, place, has_text and handled), ''),
        nullIf(argMaxIf(output_span_id, place, has_text), ''),
        nullIf(argMaxIf(output_span_id, place, failed), ''),
        argMax(output_span_id, place)
    ) as answer_span_id,
    argMax(feature, place) as request_feature,
    argMax(service, place) as request_service,
    argMax(environment, place) as request_environment,
    min(started) as asked_at,
    max(has_text) as request_has_text,
    max(request_handled) as request_has_handle,
    max(failed) and not max(has_text and not failed) and not max(handled or seen)
        as request_failed_silently
from
(
    select
        trace_id,
        request_span_id,
        if(repeated.output_span_id = '', span_id, repeated.output_span_id) as output_span_id,
        (request_seq, ended, span_id) as place,
        started,
        feature,
        service,
        environment,
        has_text,
        failed,
        handled,
        request_handled,
        seen_at is not null as seen
    from oracle_output_spans
    left any join
    (
        select *
        from oracle_repeated_spans_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = {since:Date},
            until = {until:Date},
            traces = {traces:Array(String)}
        )
    ) as repeated using (trace_id, span_id)
    where
        output_day >= toDate(greatest(toInt32({since:Date}) - 2, 0))
        and output_day <= toDate(least(toInt32({until:Date}) + 2, 65535))
        and (empty({traces:Array(String)}) or trace_id in {traces:Array(String)})
        and started <= {as_of:DateTime64(3, 'UTC')}
)
group by trace_id, request_span_id
