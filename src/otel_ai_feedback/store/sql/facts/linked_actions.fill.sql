-- With which output was each user action done that has arrived, or whose output has?
--
-- New are actions that have arrived or were linked afterwards since `arrived`, and those on outputs
-- that were written since `written`. An action on a request is linked to the output that
-- answered it; one on a span that repeats another's text, to the output that the two are. What probes
-- did, and what was done with their outputs, is left out. An action of no service of its own (`serve`
-- takes them for pages of any) is one of the service of its output.
--
-- One worker knows the output of a request that another does not. When both report one action it stands
-- on two days, and the one that knows the output wins.
insert into linked_actions
with
    {{zone}} as zone,
    written as
    (
        select output_day, trace_id
        from output_facts
        where written_at >= {written:DateTime64(6, 'UTC')}
    ),
    found_late as
    (
        select *
        from late_links final
        where
            precedence <= -toUnixTimestamp64Nano(toDateTime64({arrived:DateTime('UTC')}, 9, 'UTC'))
            or trace_id in (select trace_id from written)
    ),
    touched as
    (
        select action_id
        from action_state
        where
            cityHash64(action_id) % {parts:UInt32} = {part:UInt32}
            and
            (
                arrived >= {arrived:DateTime('UTC')}
                or
                (
                    linked_trace_id in (select trace_id from written)
                    and
                    (
                        output_day = toDate('1970-01-01')
                        or
                        (
                            output_day >= (select min(output_day) from written) - 3
                            and output_day <= (select max(output_day) from written) + 3
                        )
                    )
                )
            )
        union distinct
        select action_id
        from found_late
        where cityHash64(action_id) % {parts:UInt32} = {part:UInt32}
    ),
    -- the days of UTC on which what was done with outputs of the week before may stand
    window_of_days as
    (
        select
            toDate(greatest(toInt32(toDate(min(time))) - 9, 1)) as first_day,
            toDate(least(toInt32(toDate(max(time))) + 2, 65535)) as last_day
        from action_state
        where action_id in (select action_id from touched)
    ),
    sent as
    (
        select
            a.* replace
            (
                if(late.trace_id = '', a.output_day, late.output_day) as output_day,
                if(late.trace_id = '', link_method, 'hash') as link_method,
                if(late.trace_id = '', a.ambiguous, late.ambiguous) as ambiguous,
                if(late.trace_id = '', linked_trace_id, late.trace_id) as linked_trace_id,
                if(late.trace_id = '', linked_span_id, late.span_id) as linked_span_id
            )
        from
        (
            select * except (arrived)
            from action_state final
            where
                action_id in (select action_id from touched)
                and
                (
                    output_day = toDate('1970-01-01')
                    or output_day in
                    (
                        select output_day
                        from action_state
                        where action_id in (select action_id from touched)
                    )
                )
            order by output_day desc
            limit 1 by action_id
        ) as a
        left any join
        (
            select action_id, output_day, trace_id, span_id, ambiguous
            from late_links final
            where action_id in (select action_id from touched)
        ) as late using (action_id)
        where probe = 0
    ),
    targets as
    (
        select
            trace_id as linked_trace_id,
            link.1 as linked_span_id,
            link.2 as by_request,
            span_id as target_span_id,
            feature as target_feature,
            service as target_service,
            environment as target_environment
        from output_facts final
        array join
            arrayConcat(
                [(span_id, false)],
                arrayMap(repeat -> (repeat, false), repeats),
                arrayMap(request -> (request, true), requests)
            ) as link
        where
            present
            and output_day >= (select first_day from window_of_days)
            and output_day <= (select last_day from window_of_days)
            and trace_id in (select linked_trace_id from sent)
    ),
    found as
    (
        select
            assumeNotNull(toDate(s.time, zone)) as day,
            s.action_id as action_id,
            toDateTime64(s.time, 3, 'UTC') as time,
            s.action as action,
            s.value as value,
            s.label as label,
            s.kept_share as kept_share,
            s.checkpoint as checkpoint,
            s.scroll_depth as scroll_depth,
            s.selected_share as selected_share,
            s.method as method,
            s.source as source,
            s.browser as browser,
            s.lost as lost,
            multiIf(
                target_span_id != '', concat(linked_trace_id, '-', target_span_id),
                linked_span_id != '' and s.output_day != toDate('1970-01-01'),
                concat(linked_trace_id, '-', linked_span_id),
                ''
            ) as output_id,
            s.link_method as link_method,
            s.ambiguous as ambiguous,
            toBool(s.sampled) as sampled,
            toBool(target_span_id != '') as output_arrived,
            if(s.service = '', target_service, s.service) as service,
            if(s.service = '', target_environment, s.environment) as environment,
            coalesce(nullIf(s.feature, ''), nullIf(target_feature, ''), service) as feature,
            s.subject as subject,
            s.conversation_id as conversation_id,
            s.session_id as session_id,
            s.response_id as response_id,
            s.output_hash as output_hash,
            linked_trace_id,
            s.trace_id as trace_id,
            s.span_id as span_id,
            cityHash64((
                day, time, action, value, label, kept_share, checkpoint, scroll_depth, selected_share,
                method, source, browser, lost, output_id, link_method, ambiguous, sampled,
                output_arrived, service, environment, feature, subject, conversation_id, session_id, response_id, output_hash,
                linked_trace_id, trace_id, span_id
            )) as content,
            true as present
        from
        (
            select
                *,
                link_method = 'request' and output_day = toDate('1970-01-01') as by_request
            from sent
            where linked_trace_id = '' or linked_trace_id not in
            (
                select trace_id
                from output_state
                where probe = 1 and trace_id in (select linked_trace_id from sent)
            )
        ) as s
        left any join targets using (linked_trace_id, linked_span_id, by_request)
    )
select
    day,
    action_id,
    f.time as time,
    f.action as action,
    f.value as value,
    f.label as label,
    f.kept_share as kept_share,
    f.checkpoint as checkpoint,
    f.scroll_depth as scroll_depth,
    f.selected_share as selected_share,
    f.method as method,
    f.source as source,
    f.browser as browser,
    f.lost as lost,
    f.output_id as output_id,
    f.link_method as link_method,
    f.ambiguous as ambiguous,
    f.sampled as sampled,
    f.output_arrived as output_arrived,
    f.service as service,
    f.environment as environment,
    f.feature as feature,
    f.subject as subject,
    f.conversation_id as conversation_id,
    f.session_id as session_id,
    f.response_id as response_id,
    f.output_hash as output_hash,
    f.linked_trace_id as linked_trace_id,
    f.trace_id as trace_id,
    f.span_id as span_id,
    f.present as present,
    f.content as content,
    now64(6, 'UTC') as written_at
from found as f
full join
(
    select day, action_id, content, present
    from linked_actions final
    where action_id in (select action_id from touched)
) as stored using (day, action_id)
where (f.present, f.content) != (stored.present, stored.content)
