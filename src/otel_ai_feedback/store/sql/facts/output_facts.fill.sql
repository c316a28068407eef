-- What is known of the outputs of some days of whose traces something has arrived?
--
-- Days are those of UTC on which outputs started; spans of a trace that start more than two days apart
-- are not compared. Of the traces with `part` as the remainder by `parts` only.
--
-- Two instrumentations, or an agent and its model call, report one text twice on nested spans: same
-- trace, same hash, the inner within the time of the outer, not siblings (parallel calls that answer
-- alike are two outputs). A span of another service (a gateway) may have a clock of its own: it is
-- nested in the longest with that text, up to a minute off. They are one output: the one that a
-- handle or an action names, else the outermost.
--
-- A request is answered, of its outputs with text, by the last that a handle named, as the service knows
-- what it sent; else by the last of them. If none has text, its last failed one; if none failed, its
-- last. What was done with a request whose output the sender did not know is put to
-- the output that answered it. The calls of an agent's tool loop are outputs that nobody got.
insert into output_facts
with
    {{zone}} as zone,
    touched as
    (
        select trace_id
        from output_state
        where
            output_day >= {since:Date}
            and output_day <= {until:Date}
            and arrived >= {arrived:DateTime('UTC')}
            and cityHash64(trace_id) % {parts:UInt32} = {part:UInt32}
        union distinct
        select trace_id
        from request_state
        where
            arrived >= {arrived:DateTime('UTC')}
            and cityHash64(trace_id) % {parts:UInt32} = {part:UInt32}
    ),
    spans as
    (
        select
            output_day,
            trace_id,
            span_id,
            parent_span_id,
            s.request_span_id as stated_request,
            if(stated_request = '', span_id, stated_request) as request_span_id,
            (request_seq, assumeNotNull(s.ended), span_id) as place,
            assumeNotNull(s.started) as started,
            assumeNotNull(s.ended) as ended,
            ifNull(s.ingested, ended) as ingested,
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
            voice,
            if(empty(sampling), 1., sampling[2]) as weight,
            ['unknown', 'sampler', 'resource', 'threshold'][toUInt8(sampling[1]) + 1] as weight_source,
            output_hash != '' or ifNull(output_length, 0) > 0 as has_text,
            error or ifNull(output_length = 0, false) as failed,
            bitTest(handles, 0) as handled,
            bitTest(handles, 1) as request_handled,
            done,
            last_edit,
            arrived,
            handled or notEmpty(mapKeys(done)) as acted_on,
            mapContains(done, 'seen') as seen,
            ended - started as span_length
        from output_state as s final
        where
            output_day >= toDate(greatest(toInt32({since:Date}) - 2, 0))
            and output_day <= toDate(least(toInt32({until:Date}) + 2, 65535))
            and trace_id in (select trace_id from touched)
            and tagged = 1
            and s.started is not null
            and trace_id not in
            (
                select trace_id
                from output_state
                where probe = 1 and trace_id in (select trace_id from touched)
            )
    ),
    covered as
    (
        select
            *,
            max(ended) over outer_spans as outer_ended,
            argMax(span_id, ended) over outer_spans as outer_span_id,
            argMax(parent_span_id, ended) over outer_spans as outer_parent_span_id,
            argMax((span_id, service, started, ended), (span_length, span_id)) over same_text as longest
        from spans
        window
            outer_spans as
            (
                partition by trace_id, output_hash
                order by started, ended desc, span_id
                rows between unbounded preceding and 1 preceding
            ),
            same_text as (partition by trace_id, output_hash)
    ),
    nested as
    (
        select
            *,
            multiIf(
                output_hash = '', span_id,
                longest.2 != service
                and started >= longest.3 - interval 1 minute
                and ended <= longest.4 + interval 1 minute,
                longest.1,
                outer_span_id != '' and outer_ended >= ended
                and outer_parent_span_id != parent_span_id,
                outer_span_id,
                span_id
            ) as outermost_span_id
        from covered
    ),
    merged as
    (
        select
            *,
            argMaxIf(span_id, (span_length, span_id), acted_on) over nest as named_span_id,
            if(named_span_id != '', named_span_id, outermost_span_id) as output_span_id
        from nested
        window nest as (partition by trace_id, outermost_span_id)
    ),
    answered as
    (
        select
            m.*,
            sent.handled as sent_handled,
            sent.done as sent_done,
            sent.last_edit as sent_edit,
            coalesce(
                nullIf(argMaxIf(output_span_id, place, has_text and handled) over request, ''),
                nullIf(argMaxIf(output_span_id, place, has_text) over request, ''),
                nullIf(argMaxIf(output_span_id, place, failed) over request, ''),
                argMax(output_span_id, place) over request
            ) as answer_span_id,
            min(started) over request as request_asked_at,
            max(has_text) over request as request_has_text,
            max(request_handled) over request as request_has_handle,
            max(failed) over request
                and not max(has_text and not failed) over request
                and not max(handled or seen) over request as request_failed_silently
        from merged as m
        left any join
        (
            select
                trace_id,
                request_span_id,
                max(request_state.handled) as handled,
                minMap(request_state.done) as done,
                max(request_state.last_edit) as last_edit
            from request_state
            where trace_id in (select trace_id from touched)
            group by trace_id, request_span_id
        ) as sent using (trace_id, request_span_id)
        window request as (partition by trace_id, request_span_id)
    ),
    -- what the other spans of an output say: an agent's span often lacks what the model call inside
    -- it carries
    gathered as
    (
        select
            trace_id,
            output_span_id,
            countIf(is_it) as spans_of_it,
            anyIf(output_day, is_it) as its_output_day,
            anyIf(started, is_it) as its_start,
            anyIf(ended, is_it) as its_end,
            anyIf(ingested, is_it) as its_ingestion,
            anyIf(service, is_it) as its_service,
            anyIf(environment, is_it) as its_environment,
            anyIf(feature, is_it) as its_feature,
            anyIf(release, is_it) as its_release,
            anyIf(request_span_id, is_it) as its_request,
            anyIf(output_hash, is_it) as its_hash,
            anyIf(output_length, is_it) as its_length,
            anyIf(text_rate, is_it) as its_text_rate,
            anyIf(weight, is_it) as its_weight,
            anyIf(weight_source, is_it) as its_weight_source,
            anyIf(failed, is_it) as has_failed,
            argMax(model, (is_it and model != '', model)) as any_model,
            argMax(prompt_version, (is_it and prompt_version != '', prompt_version)) as any_prompt,
            argMax(conversation_id, (is_it and conversation_id != '', conversation_id))
                as any_conversation,
            argMax(response_id, (is_it and response_id != '', response_id)) as any_response,
            argMax(subject, (is_it and subject != '', subject)) as any_subject,
            argMax(input_hash, (is_it and input_hash != '', input_hash)) as any_input_hash,
            argMax(input_sketch, (is_it and input_sketch != '', input_sketch)) as any_sketch,
            max(voice) as any_voice,
            max(arrived) as last_arrived,
            maxIf(handled, true) as any_handled,
            minIf(request_asked_at, is_answer) as first_asked,
            countIf(is_answer) > 0 as answers,
            maxIf(request_has_text, is_answer) as answers_with_text,
            maxIf(request_failed_silently, is_answer) as answers_failed,
            maxIf(request_has_handle or sent_handled, is_answer) as request_named,
            max(handled or request_handled or sent_handled) as any_sent,
            min(least(
                if(seen, toNullable(done['seen']), null),
                if(mapContains(sent_done, 'seen'), toNullable(sent_done['seen']), null)
            )) as first_sight,
            arraySort(groupUniqArrayIf(request_span_id, is_answer)) as its_requests,
            arraySort(groupUniqArrayIf(span_id, not is_it)) as its_repeats,
            minMap(done) as own_done,
            minMapIf(sent_done, is_answer) as request_done,
            greatest(max(last_edit), maxIf(sent_edit, is_answer)) as edit_that_counts
        from
        (
            select
                *,
                span_id = output_span_id as is_it,
                output_span_id = answer_span_id as is_answer
            from answered
        )
        group by trace_id, output_span_id
        having spans_of_it > 0
    ),
    found as
    (
        select
            its_output_day as output_day,
            g.trace_id as trace_id,
            g.output_span_id as span_id,
            assumeNotNull(toDate(its_start, zone)) as day,
            its_service as service,
            its_environment as environment,
            its_feature as feature,
            any_model as model,
            its_release as release,
            any_prompt as prompt_version,
            its_start as started,
            its_end as ended,
            -- an output that answered no request of its own was asked for when it began
            if(answers, first_asked, its_start) as asked_at,
            toDateTime64(greatest(its_end, its_ingestion), 3, 'UTC') + interval 30 minute as matured_at,
            any_conversation as conversation_id,
            any_response as response_id,
            any_subject as subject,
            toUInt8(sipHash64(multiIf(
                any_subject != '', any_subject,
                any_conversation != '', any_conversation,
                concat(g.trace_id, '-', g.output_span_id)
            )) % 64) as bucket,
            its_request as request_span_id,
            its_requests as requests,
            its_repeats as repeats,
            its_hash as output_hash,
            its_length as output_length,
            any_input_hash as input_hash,
            any_sketch as input_sketch,
            its_text_rate as text_rate,
            toBool(any_voice) as voice,
            toBool(has_failed) as failed,
            its_weight as weight,
            its_weight_source as weight_source,
            toBool(any_handled or request_named) as named,
            toBool(answers_with_text) as last_with_text,
            toBool(answers_failed) as last_failed,
            toBool(any_sent) as handle_sent,
            first_sight as sight_at,
            arrayReduce('minMap', [
                own_done,
                request_done,
                mapFilter((_, at) -> edit_that_counts.3 = 1, map('edited_heavily', edit_that_counts.2))
            ]) as done,
            last_arrived as arrived
        from gathered as g
    ),
    described as
    (
        select
            f.output_day as output_day,
            f.trace_id as trace_id,
            f.span_id as span_id,
            f.day as day,
            f.service as service,
            f.environment as environment,
            f.feature as feature,
            f.* except (output_day, trace_id, span_id, day, service, environment, feature),
            rules.rule as rule,
            mapFilter(
                (name, at) -> name != '',
                map(
                    transform(
                        concluded.action, ['reask', 'regenerate'], ['reasked', 'regenerated'], ''
                    ),
                    concluded.time
                )
            ) as derived,
            cityHash64((
                day, service, environment, feature, model, release, prompt_version, started, ended,
                asked_at, matured_at, conversation_id, response_id, subject, request_span_id, requests,
                repeats, output_hash, output_length, input_hash, input_sketch, text_rate, voice,
                failed, weight, weight_source, named, last_with_text, last_failed, handle_sent,
                sight_at, done
            )) as content,
            true as present
        from found as f
        left any join
        (
            select output_day, trace_id, span_id, action, time
            from derived_actions final
            where trace_id in (select trace_id from touched)
        ) as concluded using (output_day, trace_id, span_id)
        left any join
        (
            select day, service, environment, feature, rule
            from delivery_days_within(
                since = toDate(greatest(toInt32({since:Date}) - 3, 0)),
                until = toDate(least(toInt32({until:Date}) + 3, 65535))
            )
        ) as rules using (day, service, environment, feature)
    )
select
    output_day,
    trace_id,
    span_id,
    if(d.present, d.day, stored.day) as day,
    if(stored.known, stored.day, d.day) as previous_day,
    if(d.present, d.service, stored.service) as service,
    if(d.present, d.environment, stored.environment) as environment,
    if(d.present, d.feature, stored.feature) as feature,
    d.model as model,
    d.release as release,
    d.prompt_version as prompt_version,
    d.started as started,
    d.ended as ended,
    d.asked_at as asked_at,
    d.matured_at as matured_at,
    d.conversation_id as conversation_id,
    d.response_id as response_id,
    d.subject as subject,
    d.bucket as bucket,
    d.request_span_id as request_span_id,
    d.requests as requests,
    d.repeats as repeats,
    d.output_hash as output_hash,
    d.output_length as output_length,
    d.input_hash as input_hash,
    d.input_sketch as input_sketch,
    d.text_rate as text_rate,
    d.voice as voice,
    d.failed as failed,
    d.weight as weight,
    d.weight_source as weight_source,
    d.named as named,
    d.last_with_text as last_with_text,
    d.last_failed as last_failed,
    d.handle_sent as handle_sent,
    d.sight_at as sight_at,
    d.rule as rule,
    d.done as done,
    d.derived as derived,
    d.arrived as arrived,
    d.present as present,
    d.content as content,
    now64(6, 'UTC') as written_at
from described as d
full join
(
    select
        output_day,
        trace_id,
        span_id,
        output_facts.day as day,
        output_facts.service as service,
        output_facts.environment as environment,
        output_facts.feature as feature,
        output_facts.content as content,
        output_facts.present as present,
        true as known
    from output_facts final
    where
        output_day >= toDate(greatest(toInt32({since:Date}) - 2, 0))
        and output_day <= toDate(least(toInt32({until:Date}) + 2, 65535))
        and trace_id in (select trace_id from touched)
) as stored using (output_day, trace_id, span_id)
where (d.present, d.content) != (stored.present, stored.content)
