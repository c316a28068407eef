-- Which outputs are meant by results that have arrived since some moment, or whose outputs were written since?
--
-- In this order: the span itself, or one whose text it repeats; the one output that answered the request
-- of which it is the root; the one output of its trace that answered anything; the one with the same response
-- id. Where two are left none is taken. What is as it was is not written again.
insert into evaluation_facts
    (day, evaluation_id, time, carrier, scope, kind, name, evaluator, score, label, output_id, link_method,
    output_day, bucket, service, environment, feature, content)
with
    touched as
    (
        select evaluation_id
        from evaluation_state
        where arrived >= {arrived:DateTime('UTC')}
        union distinct
        select evaluation_id
        from evaluation_state
        where linked_trace_id in
        (
            select trace_id
            from output_facts
            where written_at >= {written:DateTime64(6, 'UTC')}
        )
        union distinct
        select evaluation_id
        from evaluation_state
        where response_id in
        (
            select response_id
            from output_facts
            where written_at >= {written:DateTime64(6, 'UTC')} and response_id != ''
        )
    ),
    sent as
    (
        select *
        from evaluation_state final
        where evaluation_id in touched and refused = '' and probe = 0
    ),
    outputs_of as
    (
        select
            trace_id,
            groupArray((
                span_id, repeats, requests, concat(trace_id, '-', span_id), day, bucket,
                toString(service), toString(environment), toString(feature)
            )) as them
        from output_facts final
        where present and trace_id in (select linked_trace_id from sent where linked_trace_id != '')
        group by trace_id
    ),
    answers_of as
    (
        select
            response_id,
            groupArray((
                span_id, repeats, requests, concat(trace_id, '-', span_id), day, bucket,
                toString(service), toString(environment), toString(feature)
            )) as them
        from output_facts final
        where present and response_id in (select response_id from sent where response_id != '')
        group by response_id
    ),
    arrayFilter(o -> o.1 = sent.linked_span_id or has(o.2, sent.linked_span_id), outputs_of.them) as of_span,
    arrayFilter(o -> sent.linked_span_id != '' and has(o.3, sent.linked_span_id), outputs_of.them) as of_request,
    arrayFilter(o -> notEmpty(o.3), outputs_of.them) as of_trace,
    if(sent.response_id = '', [], answers_of.them) as of_response,
    multiIf(
        sent.scope = 'session', '',
        notEmpty(of_span), 'span',
        length(of_request) = 1, 'request',
        length(outputs_of.them) = 1 or length(of_trace) = 1, 'trace',
        length(of_response) = 1, 'response',
        ''
    ) as found_by,
    multiIf(
        found_by = 'span', of_span[1],
        found_by = 'request', of_request[1],
        found_by = 'trace', if(length(outputs_of.them) = 1, outputs_of.them[1], of_trace[1]),
        found_by = 'response', of_response[1],
        defaultValueOfTypeName(
            'Tuple(String, Array(String), Array(String), String, Date, UInt8, String, String, String)'
        )
    ) as o
select
    toDate(sent.time, {{zone}}) as day,
    sent.evaluation_id as evaluation_id,
    toDateTime64(sent.time, 3, 'UTC') as time,
    sent.carrier as carrier,
    sent.scope as scope,
    sent.kind as kind,
    sent.name as name,
    sent.evaluator as evaluator,
    sent.score as score,
    sent.label as label,
    o.4 as output_id,
    found_by as link_method,
    o.5 as output_day,
    o.6 as bucket,
    if(found_by = '', toString(sent.service), o.7) as service,
    if(found_by = '', toString(sent.environment), o.8) as environment,
    if(found_by = '', toString(sent.service), o.9) as feature,
    sipHash64(
        sent.time, sent.carrier, sent.kind, sent.name, sent.evaluator, ifNull(toString(sent.score), ''), sent.label,
        o.4, o.5, o.6, service, environment, feature
    ) as content
from sent
left join outputs_of on outputs_of.trace_id = sent.linked_trace_id
left join answers_of on answers_of.response_id = sent.response_id
where (evaluation_id, content) not in
(
    select evaluation_id, content
    from evaluation_facts final
    where evaluation_id in touched
)
