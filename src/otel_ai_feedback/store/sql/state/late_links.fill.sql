-- Which outputs are meant by the actions of the last 7 days that came without a link?
--
-- The newest output with the same hash in the same conversation or session that had begun before the
-- action, at most 7 days before. More than one such output makes the link ambiguous.
insert into late_links
with argMax((o.output_day, o.trace_id, o.span_id), (started, o.trace_id, o.span_id)) as newest
select
    action_id,
    newest.1 as output_day,
    newest.2 as trace_id,
    newest.3 as span_id,
    uniqExact(o.trace_id, o.span_id) > 1 as ambiguous,
    any(a.action) as action,
    any(a.value) as value,
    any(a.checkpoint) as checkpoint,
    any(a.time) as time,
    -toUnixTimestamp64Nano(now64(9)) as precedence
from
(
    select
        action_id,
        action,
        value,
        checkpoint,
        time,
        output_hash,
        arrayJoin(arrayDistinct([conversation_id, session_id])) as place
    from action_state final
    where
        output_day = toDate('1970-01-01')
        and linked_span_id = ''
        and output_hash != ''
        and place != ''
        and time <= {as_of:DateTime64(3, 'UTC')}
        and time > {as_of:DateTime64(3, 'UTC')} - interval 7 day
        and action_id not in (select action_id from late_links)
) as a
inner join
(
    select
        output_day,
        trace_id,
        span_id,
        started,
        output_hash,
        conversation_id as place
    from output_facts final
    where
        present
        and output_day >= toDate({as_of:DateTime64(3, 'UTC')} - interval 15 day)
        and output_hash in
        (
            select output_hash
            from action_state
            where
                output_day = toDate('1970-01-01')
                and linked_span_id = ''
                and output_hash != ''
                and time > {as_of:DateTime64(3, 'UTC')} - interval 7 day
        )
) as o using (output_hash, place)
where o.started <= a.time and o.started > a.time - interval 7 day
group by action_id
