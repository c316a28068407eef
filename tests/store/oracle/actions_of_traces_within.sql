-- What did people do on some days with outputs of some traces, as known at a given time?
--
-- Of the traces `traces`, or of all, and what found no trace, where that is empty.
--
-- `since` and `until` are days of the actions; their outputs are looked for in the week before, for
-- which a handle is good. One row is one action, once however often it was delivered. `output_id` is
-- empty while the action is not linked. An action on a request is linked to the output that answered
-- it; one on a span that repeats another's text, to the output that the two are. `sampled` is false
-- when the handle says that the output was not sampled, `output_arrived` when its span is not here.
-- What probes did, and actions on their outputs, are left out. An action of no service of its
-- own (`serve` takes them for pages of any) is one of the service of its output.
with
    targets as
    (
        select
            trace_id as linked_trace_id,
            span_id as linked_span_id,
            false as by_request,
            if(repeated.output_span_id = '', span_id, repeated.output_span_id) as target_span_id,
            feature as target_feature,
            service as target_service,
            environment as target_environment
        from oracle_output_spans
        left any join
        (
            select *
            from oracle_repeated_spans_within(
                as_of = {as_of:DateTime64(3, 'UTC')},
                since = toDate(greatest(toInt32({since:Date}) - 8, 0)),
                until = {until:Date},
                traces = {traces:Array(String)}
            )
        ) as repeated using (trace_id, span_id)
        where
            output_day >= toDate(greatest(toInt32({since:Date}) - 9, 0))
            and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
            and (empty({traces:Array(String)}) or trace_id in {traces:Array(String)})
            and started <= {as_of:DateTime64(3, 'UTC')}
        union all
        select
            trace_id,
            request_span_id,
            true,
            answer_span_id,
            request_feature,
            request_service,
            request_environment
        from oracle_request_answers_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate(greatest(toInt32({since:Date}) - 8, 0)),
            until = {until:Date},
            traces = {traces:Array(String)}
        )
    ),
    -- by which the table finds an action; the trace itself may be another once it is known which of
    -- several reports of an action holds
    of_traces as
    (
        select action_id
        from action_state
        where
            linked_trace_id in {traces:Array(String)}
            and (
                output_day >= toDate(greatest(toInt32({since:Date}) - 9, 0))
                or output_day = toDate('1970-01-01')
            )
        union all
        select action_id
        from late_links
        where trace_id in {traces:Array(String)}
    ),
    -- of actions on no output that is known, and of those whose clocks are wrong by days: one in twenty
    -- of the whole history, of which the key alone is read
    loose as
    (
        select action_id
        from action_state
        where
            (
                output_day = toDate('1970-01-01')
                or output_day > toDate(least(toInt32({until:Date}) + 1, 65535))
            )
            and (empty({traces:Array(String)}) or action_id in (select action_id from of_traces))
            and time >= toDateTime64({since:Date}, 9, 'UTC') - interval 1 day
            and time < toDateTime64({until:Date}, 9, 'UTC') + interval 2 day
    ),
    -- by the key alone, so that a row is not read before it is known to be of these days
    reported as
    (
        select *
        from action_state final
        prewhere
            (
                (
                    output_day >= toDate(greatest(toInt32({since:Date}) - 9, 1))
                    and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
                )
                or action_id in (select action_id from loose)
            )
            and (empty({traces:Array(String)}) or action_id in (select action_id from of_traces))
    ),
    sent as
    (
        select
            output_day,
            action_id,
            time,
            action,
            value,
            label,
            kept_share,
            checkpoint,
            scroll_depth,
            selected_share,
            method,
            source,
            service,
            environment,
            feature,
            subject,
            conversation_id,
            session_id,
            response_id,
            output_hash,
            link_method,
            ambiguous,
            sampled,
            linked_trace_id,
            linked_span_id,
            trace_id,
            span_id
        from
        (
            select
                a.* replace
                (
                    if(late.trace_id = '', output_day, late.output_day) as output_day,
                    if(late.trace_id = '', link_method, 'hash') as link_method,
                    if(late.trace_id = '', ambiguous, late.ambiguous) as ambiguous,
                    if(late.trace_id = '', linked_trace_id, late.trace_id) as linked_trace_id,
                    if(late.trace_id = '', linked_span_id, late.span_id) as linked_span_id
                )
            from
            (
                select *
                from reported
                where link_method != 'request'
            ) as a
            left any join
            (
                select
                    action_id,
                    output_day,
                    trace_id,
                    span_id,
                    ambiguous
                from late_links final
            ) as late using action_id
            union all
            -- One worker knows the output of a request that another does not. When both report one
            -- action it stands on two days, and the one that knows the output wins.
            select *
            from reported
            where link_method = 'request'
            order by output_day desc
            limit 1 by action_id
        )
        where
            probe = 0
            and (empty({traces:Array(String)}) or linked_trace_id in {traces:Array(String)})
            and linked_trace_id not in (select trace_id from output_state where traffic != '')
        union all
        select
            output_day,
            lower(hex(MD5(concat(action, d.trace_id, '-', d.span_id, next_output_id)))) as action_id,
            toDateTime64(time, 9, 'UTC') as time,
            action,
            value,
            '' as label,
            null as kept_share,
            null as checkpoint,
            null as scroll_depth,
            null as selected_share,
            '' as method,
            'derived' as source,
            service,
            environment,
            feature,
            '' as subject,
            conversation_id,
            '' as session_id,
            '' as response_id,
            '' as output_hash,
            '' as link_method,
            0 as ambiguous,
            1 as sampled,
            d.trace_id as linked_trace_id,
            d.span_id as linked_span_id,
            '' as trace_id,
            '' as span_id
        from derived_actions as d final
        where
            action != ''
            and (empty({traces:Array(String)}) or d.trace_id in {traces:Array(String)})
            and output_day >= toDate(greatest(toInt32({since:Date}) - 9, 0))
            and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
    ),
    links as
    (
        select
            *,
            assumeNotNull(toDate(
                time,
                {{zone}}
            )) as day,
            link_method = 'request' and output_day = toDate('1970-01-01') as by_request
        from sent
        where
            time <= {as_of:DateTime64(3, 'UTC')}
            and day >= {since:Date}
            and day <= {until:Date}
    )
select
    action_id,
    toDateTime64(time, 3, 'UTC') as time,
    day,
    action,
    value,
    label,
    kept_share,
    checkpoint,
    scroll_depth,
    selected_share,
    method,
    source,
    multiIf(
        target_span_id != '', concat(linked_trace_id, '-', target_span_id),
        linked_span_id != '' and output_day != toDate('1970-01-01'),
        concat(linked_trace_id, '-', linked_span_id),
        ''
    ) as output_id,
    link_method,
    ambiguous,
    toBool(sampled) as sampled,
    target_span_id != '' as output_arrived,
    if(links.service = '', target_service, links.service) as service,
    if(links.service = '', target_environment, links.environment) as environment,
    coalesce(nullIf(links.feature, ''), nullIf(target_feature, ''), service) as feature,
    subject,
    conversation_id,
    session_id,
    response_id,
    output_hash,
    trace_id,
    span_id
from links
left any join targets using (linked_trace_id, linked_span_id, by_request)
